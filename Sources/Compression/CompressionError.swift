/// Why bytes could not be compressed or decompressed.
package enum CompressionError: Error, Hashable, Sendable {
    /// The content would take more than `limit` bytes.
    case tooLarge(limit: Int)
    /// Whoever keeps the account of memory refused what decompression needs next.
    case noMemory
    /// The bytes are not what their format asks for, or end too early.
    case corrupt
    /// The library gave up, out of memory most likely.
    case failed(String)
}

extension CompressionError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge(let limit): "decompressed size exceeds the limit of \(limit) bytes"
        case .noMemory: "there is no memory left to decompress this"
        case .corrupt: "compressed data is corrupt or cut short"
        case .failed(let reason): "compression failed: \(reason)"
        }
    }
}
