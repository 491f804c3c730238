import Crypto
import HTTPTypes
import MartletCore
package import Service

/// Who may log in, and who has: users, passwords, sessions, and the brake on guessing.
package final class Accounts: Sendable {
    /// Shortest password that may be chosen, in characters.
    package static let leastPasswordLength = 8
    /// Longest password that is looked at, in bytes.
    package static let mostPasswordBytes = 256

    private let database: AccountDatabase
    private let table: SessionTable
    private let blocking: BlockingPool
    private let throttle: Lock<LoginThrottle>
    private let clock: @Sendable () -> Int64
    private let directory: String
    /// Compared when the name is unknown, so that the answer takes as long as for a known one.
    private let decoy: PasswordHash

    /// - Parameters:
    ///   - database: users and sessions.
    ///   - directory: where the file with the first password is.
    ///   - blocking: threads for password hashing.
    ///   - throttle: limits on wrong passwords.
    ///   - clock: Unix seconds.
    package init(
        database: AccountDatabase, directory: String, blocking: BlockingPool, throttle: LoginThrottle = LoginThrottle(),
        clock: @escaping @Sendable () -> Int64
    ) async throws {
        self.database = database
        self.directory = directory
        self.blocking = blocking
        self.throttle = Lock(throttle)
        self.clock = clock
        decoy = try await blocking.run { try PasswordHash.make(OneTimePassword.generate()) }
        table = SessionTable(try await database.sessions())
    }

    /// Makes the administrator when there is no user yet.
    /// - Returns: the generated password, to be printed once; nil when users exist.
    package func makeAdministrator() async throws -> String? {
        guard try await database.userCount() == 0 else { return nil }
        let password = OneTimePassword.generate()
        let hash = try await hash(password)
        // The file first: a crash in between leaves a file that the next start replaces, never a lost password.
        try OneTimePassword.write(password, in: directory)
        try await database.addUser(
            login: "admin", name: "Administrator", hash: hash, mustChangePassword: true, now: clock())
        return password
    }

    /// Gives the administrator a new generated password and ends the administrator's sessions.
    package func resetAdministrator() async throws -> String {
        if let password = try await makeAdministrator() { return password }
        let password = OneTimePassword.generate()
        guard let known = try await database.credentials(login: "admin") else {
            throw StorageFailure(message: "there is no user named admin")
        }
        let hash = try await hash(password)
        try OneTimePassword.write(password, in: directory)
        try await database.setPassword(userID: known.user.id, hash: hash, mustChangePassword: true, keeping: nil)
        table.removeAll(of: known.user.id, but: nil)
        return password
    }

    // MARK: Login and logout

    /// Checks a password and begins a session.
    /// - Returns: the token for the browser's cookie, 43 characters of base64url.
    /// - Throws: ``HTTPFailure`` 401 for a wrong name or password (the same, and after the same time), 429 after many.
    package func logIn(login: String, password: String, address: String) async throws -> String {
        let now = clock()
        if let wait = throttle.withLock({ $0.begin(login: login, address: address, now: now) }) {
            throw HTTPFailure.retryLater(
                .tooManyRequests, "too many wrong passwords; try again in \(wait) seconds", after: Int(wait))
        }
        let known = try await database.credentials(login: login)
        let hash = known.flatMap { PasswordHash($0.hash) } ?? decoy
        let fits = password.utf8.count <= Self.mostPasswordBytes
        let matches = try await blocking.run { fits && hash.matches(password) }
        guard matches, let known else {
            throw HTTPFailure(.unauthorized, "The user name or the password is wrong.")
        }
        throttle.withLock { $0.succeeded(login: login, address: address) }
        let token = Self.newToken()
        let session = Session(tokenHash: Self.digest(token), userID: known.user.id, createdAt: now, lastSeenAt: now)
        try await database.add(session)
        for removed in table.add(session, now: now) { try await database.removeSession(removed.tokenHash) }
        return token
    }

    /// The session that a token stands for; nil when it is unknown or over.
    package func session(token: String) async -> Session? {
        guard token.utf8.count == Self.tokenLength else { return nil }
        guard let found = table.find(Self.digest(token), now: clock()) else { return nil }
        // A failed update costs at most an earlier end of the session after a restart.
        if found.needsTouch { try? await database.touch(found.session) }
        return found.session
    }

    /// Ends a session.
    package func logOut(_ session: Session) async throws {
        table.remove(session.tokenHash)
        try await database.removeSession(session.tokenHash)
    }

    /// The user of a session; nil when it was removed meanwhile.
    package func user(of session: Session) async throws -> User? {
        try await database.user(id: session.userID)
    }

    /// Notes that a session's user wants to keep the generated password for now; it stays valid, and in its file.
    package func postponePassword(of session: Session) async throws {
        try await database.postponePassword(userID: session.userID)
    }

    /// Changes the password of a session's user and ends the user's other sessions.
    /// - Throws: ``HTTPFailure`` 400 for a password that is too short, 401 for a wrong old one, 429 after many wrong ones.
    package func changePassword(of session: Session, from old: String, to new: String, address: String) async throws {
        guard new.count >= Self.leastPasswordLength else {
            throw HTTPFailure(
                .badRequest, "The new password must have at least \(Self.leastPasswordLength) characters.")
        }
        guard new.utf8.count <= Self.mostPasswordBytes, !new.utf8.contains(0) else {
            throw HTTPFailure(.badRequest, "The new password must be at most \(Self.mostPasswordBytes) bytes long.")
        }
        guard let user = try await user(of: session), let known = try await database.credentials(login: user.login)
        else { throw HTTPFailure(.unauthorized, "This user is gone.") }
        guard new != old else { throw HTTPFailure(.badRequest, "The new password is the old one.") }
        let now = clock()
        if let wait = throttle.withLock({ $0.begin(login: user.login, address: address, now: now) }) {
            throw HTTPFailure.retryLater(
                .tooManyRequests, "too many wrong passwords; try again in \(wait) seconds", after: Int(wait))
        }
        guard let stored = PasswordHash(known.hash), try await blocking.run({ stored.matches(old) }) else {
            throw HTTPFailure(.forbidden, "The current password is wrong.")
        }
        throttle.withLock { $0.succeeded(login: user.login, address: address) }
        let hash = try await hash(new)
        try await database.setPassword(
            userID: user.id, hash: hash, mustChangePassword: false, keeping: session.tokenHash)
        table.removeAll(of: user.id, but: session.tokenHash)
        if user.login == "admin" { OneTimePassword.remove(in: directory) }
    }

    /// True when the database answers.
    package func isHealthy() async -> Bool {
        await database.isHealthy()
    }

    // MARK: Tokens and hashes

    private func hash(_ password: String) async throws -> String {
        try await blocking.run { try PasswordHash.make(password).text }
    }

    /// 32 random bytes in base64url without padding.
    static let tokenLength = 43

    private static func newToken() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var generator = SystemRandomNumberGenerator()
        // 43 letters of 64 carry 258 bits of the kernel's randomness.
        let letters = (0..<tokenLength).map { _ in alphabet[Int(generator.next() & 63)] }
        return String(decoding: letters, as: UTF8.self)
    }

    private static func digest(_ token: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(token.utf8)))
    }
}
