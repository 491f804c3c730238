import Crypto

/// What is kept of tokens of sessions and service accounts: SHA-256, 32 bytes. They are random, so that no salt is needed.
enum TokenDigest {
    static func of(_ token: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(token.utf8)))
    }
}
