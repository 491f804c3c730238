import GRDB

#if canImport(Glibc)
import Glibc
#endif

/// The server's SQLite file: users, sessions, tokens, folders, dashboards with their versions, annotations, preferences and
/// the audit. GRDB runs every statement on a thread of its own, never on an event loop.
package final class DashboardDatabase: Sendable {
    private let queue: DatabaseQueue
    private let path: String
    /// Unix seconds.
    let clock: @Sendable () -> Int64

    /// Opens the file and brings its tables up to date.
    /// - Parameters:
    ///   - path: the database file; made when it does not exist.
    ///   - clock: Unix seconds.
    /// - Throws: ``StorageFailure`` for a file that is damaged or no database; what the system or SQLite said otherwise.
    package init(path: String, clock: @escaping @Sendable () -> Int64) throws {
        self.clock = clock
        self.path = path
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        // SQLite gives its side files the mode of the database, which holds password hashes: ours alone.
        Self.makePrivateFile(path)
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try DatabaseMigrations.all.migrate(queue)
        } catch let error as DatabaseError where [.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode) {
            throw StorageFailure(
                message:
                    "\(path) is damaged (\(error.message ?? "\(error.resultCode)")): put a copy of it back, or move it "
                    + "and \(path)-wal away to begin with new users and without the dashboards that were saved here")
        } catch let error as DatabaseError {
            throw StorageFailure(message: "cannot open \(path): \(error.message ?? "\(error.resultCode)")")
        }
    }

    /// Runs statements that change nothing.
    func read<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        try await queue.read(body)
    }

    /// Runs statements in one transaction, for what is no change in the sense of the audit, such as when a session was used.
    func write<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        try await queue.write(body)
    }

    /// Runs a user's change in one transaction, together with its lines in the audit.
    func change<Result: Sendable>(
        by caller: Caller, _ body: @escaping @Sendable (Change) throws -> Result
    ) async throws -> Result {
        let now = clock()
        return try await queue.write { try body(Change(database: $0, caller: caller, now: now)) }
    }

    /// True when the database answers.
    func isHealthy() async -> Bool {
        (try? await queue.read { try Int.fetchOne($0, sql: "SELECT 1") }) == 1
    }

    /// Copies all of the database, as it is at one moment, by SQLite's online backup. It reads through a connection of its
    /// own, so that others read and write meanwhile. Blocking: run it on a ``BlockingPool``.
    /// - Parameter path: the file to write, which must not exist; only its owner may read it.
    func copy(to path: String) throws {
        Self.makePrivateFile(path)
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let source = try DatabaseQueue(path: self.path, configuration: configuration)
            let copy = try DatabaseQueue(path: path)
            try source.backup(to: copy)
            try source.close()
            // A copy must be one file: with the journal of the original it would get side files as soon as it is opened.
            try copy.inDatabase { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try copy.close()
        } catch {
            for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
            throw error
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw StorageFailure(message: "cannot open \(path)") }
        defer { Glibc.close(file) }
        guard fsync(file) == 0 else { throw StorageFailure(message: "cannot sync \(path)") }
    }

    /// Flushes and closes the file.
    package func close() throws {
        try queue.close()
    }

    private static func makePrivateFile(_ path: String) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if file >= 0 { Glibc.close(file) }
    }
}
