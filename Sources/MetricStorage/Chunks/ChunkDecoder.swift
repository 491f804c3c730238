import SampleMath

/// Decodes XOR chunks (see `OpenChunk` for the layout) into columns.
///
/// Never reads outside its bytes: a chunk that ends too early gives the samples before the fault and `false`.
enum ChunkDecoder {
    /// Appends the samples with `start <= t <= end` to the columns. False when the chunk is cut off or malformed.
    @discardableResult
    static func decode(
        _ bytes: UnsafeRawBufferPointer, from start: Int64, to end: Int64, times: inout [Int64], values: inout [Double]
    ) -> Bool {
        guard bytes.count >= 2 else { return bytes.isEmpty }
        let count = Int(bytes[0]) << 8 | Int(bytes[1])
        guard count > 0 else { return true }
        // Decoded aside and appended as a whole: appending sample by sample costs as much as decoding.
        return withUnsafeTemporaryAllocation(of: Int64.self, capacity: count) { rawTimes in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { rawValues in
                let decoded = decode(bytes, count, rawTimes, rawValues)
                var first = 0
                var last = decoded
                if decoded > 0, rawTimes[0] < start { first = lowerBound(rawTimes, decoded, start) }
                if decoded > 0, rawTimes[decoded - 1] > end {
                    last = end == .max ? decoded : lowerBound(rawTimes, decoded, end + 1)
                }
                if first < last {
                    times.append(contentsOf: UnsafeBufferPointer(rebasing: rawTimes[first..<last]))
                    values.append(contentsOf: UnsafeBufferPointer(rebasing: rawValues[first..<last]))
                }
                return decoded == count
            }
        }
    }

    /// The first of the ascending times that is at least `time`.
    private static func lowerBound(_ times: UnsafeMutableBufferPointer<Int64>, _ count: Int, _ time: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Decodes all samples and gives how many are sound. The memory must have room for `count` of them.
    private static func decode(
        _ bytes: UnsafeRawBufferPointer, _ count: Int, _ times: UnsafeMutableBufferPointer<Int64>,
        _ values: UnsafeMutableBufferPointer<Double>
    ) -> Int {
        guard let times = times.baseAddress, let values = values.baseAddress else { return 0 }
        var bits = BitReader(bytes, fromByte: 2)
        let raw = bits.uvarint()
        var time = Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
        var value = bits.take(64)
        if bits.overran { return 0 }
        times[0] = time
        values[0] = Double(bitPattern: value)
        guard count > 1 else { return 1 }
        var delta = Int64(bitPattern: bits.uvarint())
        var leading: UInt64 = 0
        var width: UInt64 = 64
        var index = 1
        while true {
            time = time &+ delta
            // At least 33 of these bits are left whatever the time took: enough for the head of a value.
            var head = index == 1 ? bits.peek() : bits.headAfterTime
            if head >> 63 == 0 {
                bits.skip(1)
            } else {
                if head >> 62 == 0b10 {
                    bits.skip(2)
                } else {
                    head <<= 2
                    leading = head >> 59
                    let significant = (head << 5) >> 58
                    width = significant == 0 ? 64 : significant
                    guard leading + width <= 64 else { return index }
                    bits.skip(13)
                }
                value ^= bits.take(width) << (64 - leading - width)
            }
            if bits.overran { return index }
            times[index] = time
            values[index] = Double(bitPattern: value)
            index += 1
            if index == count { return count }
            delta = delta &+ bits.deltaOfDelta()
        }
    }
}

/// Reads bits from the most significant on. What is read beyond the end is zeros.
private struct BitReader {
    private let base: UnsafeRawPointer
    private let byteCount: Int
    private var position: Int
    private let limit: Int
    /// After `deltaOfDelta`: the bits that follow, 33 at least, from the top.
    private(set) var headAfterTime: UInt64 = 0

    /// A reader of at least one byte.
    init(_ bytes: UnsafeRawBufferPointer, fromByte: Int) {
        // The caller has seen that there are bytes.
        base = bytes.baseAddress.unsafelyUnwrapped
        byteCount = bytes.count
        position = fromByte * 8
        limit = bytes.count * 8
    }

    /// Whether more was read than there is.
    @inline(__always)
    var overran: Bool { position > limit }

    @inline(__always)
    mutating func skip(_ count: Int) { position += count }

    /// The next 57 bits or more, from the top; they stay unread.
    @inline(__always)
    func peek() -> UInt64 {
        let byte = position >> 3
        guard byte &+ 8 <= byteCount else { return peekAtEnd(byte) }
        return UInt64(bigEndian: base.loadUnaligned(fromByteOffset: byte, as: UInt64.self)) << UInt64(position & 7)
    }

    @inline(never)
    private func peekAtEnd(_ byte: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in byte..<byte + 8 {
            word = word << 8 | (index < byteCount ? UInt64(base.load(fromByteOffset: index, as: UInt8.self)) : 0)
        }
        return word << UInt64(position & 7)
    }

    /// The next 1 to 64 bits.
    @inline(__always)
    mutating func take(_ width: UInt64) -> UInt64 {
        if width <= 57 {
            let result = peek() >> (64 - width)
            position += Int(width)
            return result
        }
        let high = peek() >> 32
        position += 32
        let low = peek() >> (96 - width)
        position += Int(width) - 32
        return high << (width - 32) | low
    }

    mutating func uvarint() -> UInt64 {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = take(8)
            result |= (byte & 0x7F) << shift
            if byte < 0x80 { return result }
        }
        position = limit + 1
        return 0
    }

    @inline(__always)
    mutating func deltaOfDelta() -> Int64 {
        let word = peek()
        switch (~word).leadingZeroBitCount {
        case 0:
            position += 1
            headAfterTime = word << 1
            return 0
        case 1: return change(word << 2, 14, prefix: 2)
        case 2: return change(word << 3, 17, prefix: 3)
        case 3: return change(word << 4, 20, prefix: 4)
        default:
            position += 4
            let change = Int64(bitPattern: take(64))
            headAfterTime = peek()
            return change
        }
    }

    /// A number of `width` bits from the top of a word, in the range -(2^(width-1) - 1) ... 2^(width-1).
    @inline(__always)
    private mutating func change(_ word: UInt64, _ width: UInt64, prefix: Int) -> Int64 {
        position += prefix + Int(width)
        headAfterTime = word << width
        let raw = Int64(bitPattern: word >> (64 - width))
        return raw > 1 << (Int64(width) - 1) ? raw - 1 << Int64(width) : raw
    }
}
