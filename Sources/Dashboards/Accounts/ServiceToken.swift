import MartletCore

/// A service account's token, without what it is: of that we keep the SHA-256 only.
struct ServiceToken: Sendable, Hashable {
    let id: Int64
    let userID: Int64
    /// Unique among the tokens of its account.
    let name: String
    /// SHA-256 of the token, 32 bytes.
    let hash: [UInt8]
    /// Unix seconds.
    let createdAt: Int64
    /// When it ends, Unix seconds; nil for never.
    let expiresAt: Int64?
    /// When it was last used, Unix seconds, to some minutes; nil for never.
    var lastUsedAt: Int64?

    /// How Grafana's tokens begin, so that scanners for leaked secrets know ours too.
    static let prefix = "glsa_"

    func isOver(at now: Int64) -> Bool {
        expiresAt.map { now >= $0 } ?? false
    }

    /// A new token's text: the prefix, 32 random letters and digits (190 bits), `_`, and eight hexadecimal digits that
    /// tell a misspelt one.
    static func makeText() -> String {
        let text = prefix + RandomText.letters(32, of: RandomText.lettersAndDigits)
        return text + "_" + checksum(text)
    }

    private static func checksum(_ text: String) -> String {
        Hex.text(Array(text.utf8).withUnsafeBytes { CRC32C.checksum($0) })
    }
}
