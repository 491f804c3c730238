/// A browser that has logged in. The token itself is known to the browser only; we keep its SHA-256.
package struct Session: Sendable, Hashable {
    /// SHA-256 of the token, 32 bytes.
    package let tokenHash: [UInt8]
    /// Whose session it is.
    package let userID: Int64
    /// When it began, Unix seconds.
    package let createdAt: Int64
    /// When it was last used, Unix seconds; written to the database at intervals of ``touchSeconds``.
    package var lastSeenAt: Int64

    /// A session ends when unused for this long: 7 days.
    static let idleSeconds: Int64 = 7 * 86_400
    /// A session ends this long after login, used or not: 30 days.
    static let absoluteSeconds: Int64 = 30 * 86_400
    /// How stale the stored time of last use may be: 10 minutes.
    static let touchSeconds: Int64 = 600

    func isOver(at now: Int64) -> Bool {
        now - lastSeenAt >= Self.idleSeconds || now - createdAt >= Self.absoluteSeconds
    }
}
