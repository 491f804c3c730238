import CSnappy

/// Snappy's block format (google/snappy, format_description.txt), as remote write and Loki's push use it.
package enum Snappy {
    /// Compresses one block; at most 4 GiB, which is what the format's length field can say.
    package static func compress(_ bytes: UnsafeRawBufferPointer) throws(CompressionError) -> [UInt8] {
        guard bytes.count <= Int(UInt32.max) else { throw .tooLarge(limit: Int(UInt32.max)) }
        var status = SNAPPY_OK
        let out = [UInt8](unsafeUninitializedCapacity: snappy_max_compressed_length(bytes.count)) { buffer, count in
            count = buffer.count
            status = snappy_compress(bytes.cString, bytes.count, buffer.cString, &count)
            if status != SNAPPY_OK { count = 0 }
        }
        guard status == SNAPPY_OK else { throw .failed("snappy status \(status.rawValue)") }
        return out
    }

    /// Decompresses one block. The size it declares is checked, and `reserving` asked, before anything is allocated.
    package static func decompress(
        _ bytes: UnsafeRawBufferPointer, limit: Int, reserving: MemoryReservation = { _ in true }
    ) throws(CompressionError) -> [UInt8] {
        guard try declaredSize(bytes) <= limit else { throw .tooLarge(limit: limit) }
        let size = try decompressedSize(bytes)
        guard reserving(size) else { throw .noMemory }
        var status = SNAPPY_OK
        let out = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = size
            status = snappy_uncompress(bytes.cString, bytes.count, buffer.cString, &count)
            if status != SNAPPY_OK { count = 0 }
        }
        guard status == SNAPPY_OK else { throw .corrupt }
        return out
    }

    /// Decompresses one block to the front of `buffer`, which grows when it is too small, and gives the block's size.
    package static func decompress(
        _ bytes: UnsafeRawBufferPointer, limit: Int, into buffer: inout [UInt8]
    ) throws(CompressionError) -> Int {
        guard try declaredSize(bytes) <= limit else { throw .tooLarge(limit: limit) }
        let size = try decompressedSize(bytes)
        // Nothing of the old content is wanted: a new array copies none.
        if buffer.count < size { buffer = [UInt8](repeating: 0, count: max(size, buffer.count * 2)) }
        var count = size
        let status = buffer.withUnsafeMutableBufferPointer {
            snappy_uncompress(bytes.cString, bytes.count, $0.cString, &count)
        }
        guard status == SNAPPY_OK else { throw .corrupt }
        return size
    }

    /// The size a block declares; one that it cannot have is corrupt.
    package static func decompressedSize(_ bytes: UnsafeRawBufferPointer) throws(CompressionError) -> Int {
        let size = try declaredSize(bytes)
        // One input byte can at most stand for 64 output bytes / 3: a copy takes three bytes and gives 64. A header
        // that promises more lies, and is refused before its memory is taken.
        guard size <= bytes.count * 32 else { throw .corrupt }
        return size
    }

    private static func declaredSize(_ bytes: UnsafeRawBufferPointer) throws(CompressionError) -> Int {
        var size = 0
        guard snappy_uncompressed_length(bytes.cString, bytes.count, &size) == SNAPPY_OK else { throw .corrupt }
        return size
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes as C text functions want them; never nil, since the library does not expect that.
    fileprivate var cString: UnsafePointer<CChar> {
        let base = baseAddress ?? UnsafeRawPointer(("" as StaticString).utf8Start)
        return base.assumingMemoryBound(to: CChar.self)
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    fileprivate var cString: UnsafeMutablePointer<CChar>? {
        baseAddress.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: CChar.self) }
    }
}
