import MartletCore

/// All users and tokens in memory, so that a request costs no database access. This process alone writes the database;
/// whoever changes it hands over the new state in the order of the transactions.
final class AccountTable: Sendable {
    private struct State: Sendable {
        var users: [Int64: User] = [:]
        var tokens: [[UInt8]: ServiceToken] = [:]
    }

    private let state = Lock(State())

    func replace(users: [User]) {
        state.withLock { $0.users = Dictionary(users.map { ($0.id, $0) }, uniquingKeysWith: { $1 }) }
    }

    func replace(tokens: [ServiceToken]) {
        state.withLock { $0.tokens = Dictionary(tokens.map { ($0.hash, $0) }, uniquingKeysWith: { $1 }) }
    }

    func user(_ id: Int64) -> User? {
        state.withLock { $0.users[id] }
    }

    /// The oldest first.
    func tokens(of userID: Int64) -> [ServiceToken] {
        state.withLock { state in state.tokens.values.filter { $0.userID == userID } }.sorted { $0.id < $1.id }
    }

    /// What a look-up tells.
    struct Found {
        let token: ServiceToken
        /// True when the stored time of last use has become stale.
        let needsTouch: Bool
    }

    /// The token with a hash that is still good; marks it as used.
    func findToken(_ hash: [UInt8], now: Int64) -> Found? {
        state.withLock { state in
            guard var token = state.tokens[hash], !token.isOver(at: now) else { return nil }
            let stale = token.lastUsedAt.map { now - $0 >= Session.touchSeconds } ?? true
            if stale {
                token.lastUsedAt = now
                state.tokens[hash] = token
            }
            return Found(token: token, needsTouch: stale)
        }
    }
}
