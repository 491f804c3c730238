import MartletCore

/// All sessions in memory, so that a request costs no database access. This process alone writes the database, so the
/// table is the truth; it is bounded per user, the least recently used session goes first.
final class SessionTable: Sendable {
    /// Sessions that one user may have at a time.
    static let perUser = 100

    private let sessions: Lock<[[UInt8]: Session]>

    init(_ stored: [Session]) {
        sessions = Lock(Dictionary(stored.map { ($0.tokenHash, $0) }, uniquingKeysWith: { $1 }))
    }

    /// What a look-up tells.
    struct Found {
        let session: Session
        /// True when the stored time of last use has become stale.
        let needsTouch: Bool
    }

    /// The live session of a token; marks it as used.
    func find(_ tokenHash: [UInt8], now: Int64) -> Found? {
        sessions.withLock { sessions in
            guard var session = sessions[tokenHash] else { return nil }
            guard !session.isOver(at: now) else {
                sessions[tokenHash] = nil
                return nil
            }
            let stale = now - session.lastSeenAt >= Session.touchSeconds
            if stale {
                session.lastSeenAt = now
                sessions[tokenHash] = session
            }
            return Found(session: session, needsTouch: stale)
        }
    }

    /// Adds a session.
    /// - Returns: the sessions which had to make room or were over.
    func add(_ session: Session, now: Int64) -> [Session] {
        sessions.withLock { sessions in
            var removed = sessions.values.filter { $0.isOver(at: now) }
            let own = sessions.values.filter { $0.userID == session.userID && !$0.isOver(at: now) }
                .sorted { $0.lastSeenAt < $1.lastSeenAt }
            removed += own.prefix(max(0, own.count - Self.perUser + 1))
            for one in removed { sessions[one.tokenHash] = nil }
            sessions[session.tokenHash] = session
            return removed
        }
    }

    func remove(_ tokenHash: [UInt8]) {
        sessions.withLock { $0[tokenHash] = nil }
    }

    func removeAll(of userID: Int64, but kept: [UInt8]?) {
        sessions.withLock { sessions in
            sessions = sessions.filter { $0.value.userID != userID || $0.key == kept }
        }
    }
}
