import Glibc

/// Copies labels out of protobuf messages into the flat encoding of `Labels`.
enum LabelCopy {
    /// Bytes that a copy may touch behind what it copies, on both sides.
    static let slack = 16

    /// Copies the labels at the front of a series that are written as every sender writes them: name, then value, all
    /// lengths in one byte. What is written otherwise is left to the cursor.
    ///
    ///     0A size | 0A length name | 12 length value
    ///
    /// A length of one byte and the bytes behind it are the same in both encodings, so that they are copied together.
    @inline(__always)
    static func plainLabels(_ message: inout ProtoCursor, to out: UnsafeMutableRawPointer, _ count: inout Int) {
        guard let base = message.bytes.baseAddress else { return }
        let end = message.end
        // Copies may read beyond what they copy, but not beyond the body.
        let last = message.bytes.count - slack
        var position = message.position
        var written = count
        while position &+ 6 <= end, base.loadUnaligned(fromByteOffset: position, as: UInt8.self) == 0x0A {
            let size = Int(base.load(fromByteOffset: position &+ 1, as: UInt8.self))
            let next = position &+ 2 &+ size
            guard size >= 4, size < 0x80, next <= end, next <= last,
                base.load(fromByteOffset: position &+ 2, as: UInt8.self) == 0x0A
            else { break }
            let name = Int(base.load(fromByteOffset: position &+ 3, as: UInt8.self))
            guard name &+ 4 <= size, base.load(fromByteOffset: position &+ 4 &+ name, as: UInt8.self) == 0x12
            else { break }
            let value = Int(base.load(fromByteOffset: position &+ 5 &+ name, as: UInt8.self))
            guard name &+ value &+ 4 == size else { break }
            copy(base + (position &+ 3), to: out + written, name &+ 1)
            written &+= name &+ 1
            copy(base + (position &+ 5 &+ name), to: out + written, value &+ 1)
            written &+= value &+ 1
            position = next
        }
        message.position = position
        count = written
    }

    /// Appends a length and the bytes.
    static func append(_ bytes: UnsafeRawBufferPointer, to out: UnsafeMutableRawPointer, _ count: inout Int) {
        var rest = bytes.count
        while rest >= 0x80 {
            out.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: count, as: UInt8.self)
            count += 1
            rest >>= 7
        }
        out.storeBytes(of: UInt8(rest), toByteOffset: count, as: UInt8.self)
        count += 1
        if let base = bytes.baseAddress { memcpy(out + count, base, bytes.count) }
        count += bytes.count
    }

    /// Appends `size` bytes that are a length and what it counts already. `readable` bytes from `source` on may be read;
    /// `slack` bytes behind the copy may be written.
    @inline(__always)
    static func append(
        encoded source: UnsafeRawPointer, _ size: Int, readable: Int, to out: UnsafeMutableRawPointer,
        _ count: inout Int
    ) {
        if size &+ slack <= readable { copy(source, to: out + count, size) } else { memcpy(out + count, source, size) }
        count &+= size
    }

    /// Copies in steps of 16 bytes: names and values are shorter than a call of memcpy is worth.
    @inline(__always)
    private static func copy(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ count: Int) {
        var done = 0
        repeat {
            let word = source.loadUnaligned(fromByteOffset: done, as: SIMD16<UInt8>.self)
            target.storeBytes(of: word, toByteOffset: done, as: SIMD16<UInt8>.self)
            done &+= 16
        } while done < count
    }
}
