import Bolt
import Compression
import MartletCore

/// A value of the index that packs many rows: uvarint bytes of the Zstandard frame that follows when it is unpacked, or 0 and
/// the bytes as they are.
enum IndexChunk {
    /// Chunks are far below this; a larger one is damage.
    private static let maxBytes = 1 << 28

    static func packed(_ bytes: [UInt8]) throws -> [UInt8] {
        let frame = try bytes.withUnsafeBytes { try Zstd.compress($0, level: 3) }
        var writer = ByteWriter()
        let isSmaller = frame.count < bytes.count
        writer.uvarint(isSmaller ? UInt64(bytes.count) : 0)
        writer.append(isSmaller ? frame : bytes)
        return writer.bytes
    }

    static func unpacked(_ value: UnsafeRawBufferPointer) throws(BoltError) -> [UInt8] {
        do {
            var cursor = ByteCursor(value)
            let size = try cursor.uvarint()
            guard size > 0 else { return [UInt8](cursor.rest) }
            guard size <= UInt64(maxBytes), Int(size) <= cursor.remaining * 32768 else { throw unreadable }
            let memory = RawMemory(Int(size))
            defer { memory.keep() }
            let target = UnsafeMutableRawBufferPointer(start: memory.base, count: Int(size))
            try Zstd.decompress(cursor.rest, into: target)
            return [UInt8](target)
        } catch {
            throw unreadable
        }
    }

    /// What is thrown for bytes that are no chunk.
    static var unreadable: BoltError { BoltError(.corrupt, "a chunk of the log index is not readable") }
}
