import Crypto
import Durable
import MartletCore

/// SHA-256 of content, in hexadecimal: what names an object.
struct ContentDigest {
    /// Bytes that are read at a time.
    static let pieceBytes = 8 << 20
    private var hash = SHA256()

    mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { hash.update(bufferPointer: $0) } }

    /// The digest of all that came.
    var text: String { Hex.text(hash.finalize()) }

    static func of(_ bytes: [UInt8]) -> String {
        var digest = ContentDigest()
        digest.update(bytes)
        return digest.text
    }
}
