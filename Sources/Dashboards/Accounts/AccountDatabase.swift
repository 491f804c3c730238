import FoundationEssentials
import GRDB

/// The tables of users, sessions and tokens.
package struct AccountDatabase: Sendable {
    let file: DashboardDatabase

    package init(_ file: DashboardDatabase) {
        self.file = file
    }

    // MARK: Users

    /// The number of users; 0 at first start.
    package func userCount() async throws -> Int {
        try await file.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM users WHERE NOT is_service") ?? 0 }
    }

    /// The user and the hash of the password, by login name.
    func credentials(login: String) async throws -> (user: User, hash: String)? {
        try await file.read { database in
            let row = try Row.fetchOne(database, sql: "SELECT * FROM users WHERE login = ?", arguments: [login])
            return row.map { (Self.user($0), $0["password_hash"]) }
        }
    }

    /// All users and service accounts, the oldest first.
    func users() async throws -> [User] {
        try await file.read { try Self.users(in: $0) }
    }

    static func users(in database: Database) throws -> [User] {
        try Row.fetchAll(database, sql: "SELECT * FROM users ORDER BY id").map(user)
    }

    /// The first administrator, whom nobody makes.
    func addAdministrator(hash: String, now: Int64) async throws {
        try await file.write { database in
            try database.execute(
                sql: """
                    INSERT INTO users (login, name, password_hash, must_change_password, created_at, role)
                    VALUES ('admin', 'Administrator', ?, 1, ?, 'Admin')
                    """, arguments: [hash, now])
        }
    }

    /// Notes that the user does not want to choose a password now.
    func postponePassword(userID: Int64) async throws {
        try await file.write { database in
            try database.execute(sql: "UPDATE users SET postponed_password = 1 WHERE id = ?", arguments: [userID])
        }
    }

    /// Sets a password and ends the user's sessions but one.
    /// - Parameter keeping: token hash of the session that stays.
    static func setPassword(
        userID: Int64, hash: String, mustChangePassword: Bool, keeping: [UInt8]?, in database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE users SET password_hash = ?, must_change_password = ?, postponed_password = 0 WHERE id = ?
                """,
            arguments: [hash, mustChangePassword, userID])
        try database.execute(
            sql: "DELETE FROM sessions WHERE user_id = ? AND token_hash IS NOT ?",
            arguments: [userID, keeping.map(blob)])
    }

    // MARK: Sessions

    func sessions() async throws -> [Session] {
        try await file.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM sessions").map { row in
                Session(
                    tokenHash: try Self.bytes(row, "token_hash"), userID: row["user_id"], createdAt: row["created_at"],
                    lastSeenAt: row["last_seen_at"])
            }
        }
    }

    func add(_ session: Session) async throws {
        try await file.write { database in
            try database.execute(
                sql: "INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at) VALUES (?, ?, ?, ?)",
                arguments: [Self.blob(session.tokenHash), session.userID, session.createdAt, session.lastSeenAt])
            try Self.touchUser(session.userID, session.lastSeenAt, in: database)
        }
    }

    func touch(_ session: Session) async throws {
        try await file.write { database in
            try database.execute(
                sql: "UPDATE sessions SET last_seen_at = ? WHERE token_hash = ?",
                arguments: [session.lastSeenAt, Self.blob(session.tokenHash)])
            try Self.touchUser(session.userID, session.lastSeenAt, in: database)
        }
    }

    func removeSession(_ tokenHash: [UInt8]) async throws {
        try await file.write { database in
            try database.execute(
                sql: "DELETE FROM sessions WHERE token_hash = ?", arguments: [Self.blob(tokenHash)])
        }
    }

    private static func touchUser(_ id: Int64, _ now: Int64, in database: Database) throws {
        try database.execute(sql: "UPDATE users SET last_seen_at = ? WHERE id = ?", arguments: [now, id])
    }

    // MARK: Tokens

    static func tokens(in database: Database) throws -> [ServiceToken] {
        try Row.fetchAll(database, sql: "SELECT * FROM tokens ORDER BY id").map { row in
            ServiceToken(
                id: row["id"], userID: row["user_id"], name: row["name"], hash: try bytes(row, "token_hash"),
                createdAt: row["created_at"], expiresAt: row["expires_at"], lastUsedAt: row["last_used_at"])
        }
    }

    func touch(_ token: ServiceToken) async throws {
        try await file.write { database in
            try database.execute(
                sql: "UPDATE tokens SET last_used_at = ? WHERE id = ?", arguments: [token.lastUsedAt, token.id])
            if let now = token.lastUsedAt { try Self.touchUser(token.userID, now, in: database) }
        }
    }

    // MARK: Rows

    private static func user(_ row: Row) -> User {
        User(
            id: row["id"], login: row["login"], name: row["name"], email: row["email"],
            role: Role(rawValue: row["role"]) ?? .viewer, isDisabled: row["is_disabled"], isService: row["is_service"],
            createdAt: row["created_at"], lastSeenAt: row["last_seen_at"],
            mustChangePassword: row["must_change_password"], hasPostponedPassword: row["postponed_password"])
    }

    private static func bytes(_ row: Row, _ column: String) throws -> [UInt8] {
        try row.withUnsafeData(named: column) { $0.map(Array.init) ?? [] }
    }

    static func blob(_ bytes: [UInt8]) -> DatabaseValue {
        Data(bytes).databaseValue
    }
}
