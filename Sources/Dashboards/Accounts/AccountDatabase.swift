import FoundationEssentials
import GRDB

#if canImport(Glibc)
import Glibc
#endif

/// Users and sessions in SQLite. GRDB runs every statement on a thread of its own, never on an event loop.
package final class AccountDatabase: Sendable {
    private let queue: DatabaseQueue

    /// Opens the file and brings its tables up to date.
    /// - Parameter path: the database file; made when it does not exist.
    /// - Throws: ``StorageFailure`` for a file that is damaged or no database; what the system or SQLite said otherwise.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        // SQLite gives its side files the mode of the database, which holds password hashes: ours alone.
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if file >= 0 { Glibc.close(file) }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try Self.migrations.migrate(queue)
        } catch let error as DatabaseError where [.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode) {
            throw StorageFailure(
                message:
                    "\(path) is damaged (\(error.message ?? "\(error.resultCode)")): put a copy of it back, or move it "
                    + "and \(path)-wal away to begin with new users; dashboards are not in it")
        } catch let error as DatabaseError {
            throw StorageFailure(message: "cannot open \(path): \(error.message ?? "\(error.resultCode)")")
        }
    }

    private static var migrations: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 accounts") { database in
            try database.execute(
                sql: """
                    CREATE TABLE users (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        login TEXT NOT NULL COLLATE NOCASE UNIQUE,
                        name TEXT NOT NULL,
                        password_hash TEXT NOT NULL,
                        must_change_password INTEGER NOT NULL,
                        created_at INTEGER NOT NULL
                    );
                    CREATE TABLE sessions (
                        token_hash BLOB PRIMARY KEY,
                        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                        created_at INTEGER NOT NULL,
                        last_seen_at INTEGER NOT NULL
                    ) WITHOUT ROWID;
                    CREATE INDEX sessions_by_user ON sessions (user_id);
                    """)
        }
        migrator.registerMigration("2 postponed choice of a password") { database in
            try database.execute(sql: "ALTER TABLE users ADD COLUMN postponed_password INTEGER NOT NULL DEFAULT 0")
        }
        return migrator
    }

    // MARK: Users

    /// The number of users; 0 at first start.
    package func userCount() async throws -> Int {
        try await queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM users") ?? 0 }
    }

    /// The user and the hash of the password, by login name.
    func credentials(login: String) async throws -> (user: User, hash: String)? {
        try await queue.read { database in
            let row = try Row.fetchOne(database, sql: "SELECT * FROM users WHERE login = ?", arguments: [login])
            return row.map { (Self.user($0), $0["password_hash"]) }
        }
    }

    func user(id: Int64) async throws -> User? {
        try await queue.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM users WHERE id = ?", arguments: [id]).map(Self.user)
        }
    }

    @discardableResult
    func addUser(login: String, name: String, hash: String, mustChangePassword: Bool, now: Int64) async throws -> Int64
    {
        try await queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO users (login, name, password_hash, must_change_password, created_at)
                    VALUES (?, ?, ?, ?, ?)
                    """, arguments: [login, name, hash, mustChangePassword, now])
            return database.lastInsertedRowID
        }
    }

    /// Notes that the user does not want to choose a password now.
    func postponePassword(userID: Int64) async throws {
        try await queue.write { database in
            try database.execute(sql: "UPDATE users SET postponed_password = 1 WHERE id = ?", arguments: [userID])
        }
    }

    /// Sets a password and ends the user's sessions but one, in one transaction.
    /// - Parameter keeping: token hash of the session that stays.
    func setPassword(userID: Int64, hash: String, mustChangePassword: Bool, keeping: [UInt8]?) async throws {
        try await queue.write { database in
            try database.execute(
                sql: """
                    UPDATE users SET password_hash = ?, must_change_password = ?, postponed_password = 0 WHERE id = ?
                    """,
                arguments: [hash, mustChangePassword, userID])
            try database.execute(
                sql: "DELETE FROM sessions WHERE user_id = ? AND token_hash IS NOT ?",
                arguments: [userID, keeping.map(Self.blob)])
        }
    }

    // MARK: Sessions

    func sessions() async throws -> [Session] {
        try await queue.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM sessions").map { row in
                let hash: [UInt8] = try row.withUnsafeData(named: "token_hash") { $0.map(Array.init) ?? [] }
                return Session(
                    tokenHash: hash, userID: row["user_id"], createdAt: row["created_at"],
                    lastSeenAt: row["last_seen_at"])
            }
        }
    }

    func add(_ session: Session) async throws {
        try await queue.write { database in
            try database.execute(
                sql: "INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at) VALUES (?, ?, ?, ?)",
                arguments: [Self.blob(session.tokenHash), session.userID, session.createdAt, session.lastSeenAt])
        }
    }

    func touch(_ session: Session) async throws {
        try await queue.write { database in
            try database.execute(
                sql: "UPDATE sessions SET last_seen_at = ? WHERE token_hash = ?",
                arguments: [session.lastSeenAt, Self.blob(session.tokenHash)])
        }
    }

    func removeSession(_ tokenHash: [UInt8]) async throws {
        try await queue.write { database in
            try database.execute(
                sql: "DELETE FROM sessions WHERE token_hash = ?", arguments: [Self.blob(tokenHash)])
        }
    }

    /// Writes what is stored now to a new file that nobody else may read. Blocks.
    package func copy(to path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw StorageFailure(message: "cannot make \(path): \(String(cString: strerror(errno)))")
        }
        Glibc.close(file)
        try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
    }

    /// True when the database answers.
    func isHealthy() async -> Bool {
        (try? await queue.read { try Int.fetchOne($0, sql: "SELECT 1") }) == 1
    }

    /// Flushes and closes the file.
    package func close() throws {
        try queue.close()
    }

    private static func user(_ row: Row) -> User {
        User(
            id: row["id"], login: row["login"], name: row["name"], mustChangePassword: row["must_change_password"],
            hasPostponedPassword: row["postponed_password"])
    }

    private static func blob(_ bytes: [UInt8]) -> DatabaseValue {
        Data(bytes).databaseValue
    }
}
