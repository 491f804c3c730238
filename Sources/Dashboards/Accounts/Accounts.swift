import GRDB
import HTTPTypes
import MartletCore
package import Service

/// Who may log in, and who has: users, passwords, sessions, and the brake on guessing.
package final class Accounts: Sendable {
    /// Shortest password that may be chosen, in characters.
    package static let leastPasswordLength = 8
    /// Longest password that is looked at, in bytes.
    package static let mostPasswordBytes = 256

    let database: AccountDatabase
    let table: SessionTable
    /// Users and tokens.
    let people = AccountTable()
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
        try await readPeople()
    }

    /// Reads users and tokens again, in the order of the transactions.
    private func readPeople() async throws {
        try await database.file.write { [people] database in try Self.follow(database, people) }
    }

    /// When the present transaction has ended, `people` is what it has left.
    private static func follow(_ database: Database, _ people: AccountTable) throws {
        let users = try AccountDatabase.users(in: database)
        let tokens = try AccountDatabase.tokens(in: database)
        database.afterNextTransaction { _ in
            people.replace(users: users)
            people.replace(tokens: tokens)
        }
    }

    /// Makes the administrator when there is no user yet.
    /// - Returns: the generated password, to be printed once; nil when users exist.
    package func makeAdministrator() async throws -> String? {
        guard try await database.userCount() == 0 else { return nil }
        let password = OneTimePassword.generate()
        let hash = try await hash(password)
        // The file first: a crash in between leaves a file that the next start replaces, never a lost password.
        try OneTimePassword.write(password, in: directory)
        try await database.addAdministrator(hash: hash, now: clock())
        try await readPeople()
        return password
    }

    /// Gives the administrator a new generated password, the role and the right to log in, and ends the administrator's
    /// sessions.
    package func resetAdministrator() async throws -> String {
        if let password = try await makeAdministrator() { return password }
        let password = OneTimePassword.generate()
        guard let known = try await database.credentials(login: "admin") else {
            throw StorageFailure(message: "there is no user named admin")
        }
        let hash = try await hash(password)
        try OneTimePassword.write(password, in: directory)
        try await database.file.write { database in
            try AccountDatabase.setPassword(
                userID: known.user.id, hash: hash, mustChangePassword: true, keeping: nil, in: database)
            try database.execute(
                sql: "UPDATE users SET role = 'Admin', is_disabled = 0 WHERE id = ?", arguments: [known.user.id])
        }
        try await readPeople()
        table.removeAll(of: known.user.id, but: nil)
        return password
    }

    // MARK: Login and logout

    /// Checks a password and begins a session.
    /// - Returns: the token for the browser's cookie, 43 characters of base64url.
    /// - Throws: ``HTTPFailure`` 401 for a wrong name or password (the same, and after the same time), 429 after many.
    package func logIn(login: String, password: String, address: String) async throws -> String {
        if let wait = beginAttempt(login, address: address) {
            throw HTTPFailure.retryLater(
                .tooManyRequests, "too many wrong passwords; try again in \(wait) seconds", after: Int(wait))
        }
        let known = try await database.credentials(login: login)
        let hash = known.flatMap { PasswordHash($0.hash) } ?? decoy
        let fits = password.utf8.count <= Self.mostPasswordBytes
        let matches = try await blocking.run { fits && hash.matches(password) }
        guard matches, let known, !known.user.isDisabled, !known.user.isService else {
            throw HTTPFailure(.unauthorized, "The user name or the password is wrong.")
        }
        attemptSucceeded(login, address: address)
        return try await beginSession(of: known.user)
    }

    /// Begins a session of somebody who has shown who he is.
    /// - Returns: the token for the browser's cookie.
    func beginSession(of user: User) async throws -> String {
        let now = clock()
        let token = Self.newToken()
        let session = Session(tokenHash: TokenDigest.of(token), userID: user.id, createdAt: now, lastSeenAt: now)
        try await database.add(session)
        for removed in table.add(session, now: now) { try await database.removeSession(removed.tokenHash) }
        return token
    }

    /// Unix seconds.
    var now: Int64 { clock() }

    /// Counts an attempt to log in, as a failure until it is said to have succeeded.
    /// - Returns: the seconds to wait; nil when the attempt may go on.
    func beginAttempt(_ login: String, address: String) -> Int64? {
        throttle.withLock { $0.begin(login: login, address: address, now: clock()) }
    }

    func attemptSucceeded(_ login: String, address: String) {
        throttle.withLock { $0.succeeded(login: login, address: address) }
    }

    /// The session that a token stands for; nil when it is unknown or over.
    package func session(token: String) async -> Session? {
        guard token.utf8.count == Self.tokenLength else { return nil }
        guard let found = table.find(TokenDigest.of(token), now: clock()) else { return nil }
        // A failed update costs at most an earlier end of the session after a restart.
        if found.needsTouch { try? await database.touch(found.session) }
        return found.session
    }

    /// Ends a session.
    package func logOut(_ session: Session) async throws {
        table.remove(session.tokenHash)
        try await database.removeSession(session.tokenHash)
    }

    /// The account that a service account's token stands for; nil when it is unknown or over.
    func account(token text: String) async -> (user: User, tokenID: Int64)? {
        guard text.utf8.count <= 128, let found = people.findToken(TokenDigest.of(text), now: clock()) else {
            return nil
        }
        if found.needsTouch { try? await database.touch(found.token) }
        return people.user(found.token.userID).map { ($0, found.token.id) }
    }

    /// The user of a session; nil when it was removed meanwhile.
    package func user(of session: Session) -> User? {
        people.user(session.userID)
    }

    /// Notes that a session's user wants to keep the generated password for now; it stays valid, and in its file.
    package func postponePassword(of session: Session) async throws {
        try await database.postponePassword(userID: session.userID)
        try await readPeople()
    }

    /// Changes the password of a session's user and ends the user's other sessions.
    /// - Throws: ``HTTPFailure`` 400 for a password that is too short, 401 for a wrong old one, 429 after many wrong ones.
    func changePassword(of session: Session, by caller: Caller, from old: String, to new: String) async throws {
        try Self.check(password: new)
        let (user, address) = (caller.user, caller.address)
        guard let known = try await database.credentials(login: user.login) else {
            throw HTTPFailure(.unauthorized, "This user is gone.")
        }
        guard !known.hash.isEmpty else {
            throw HTTPFailure(
                .badRequest, "You sign in by a provider and have no password here; an administrator can give you one.")
        }
        guard new != old else { throw HTTPFailure(.badRequest, "The new password is the old one.") }
        if let wait = beginAttempt(user.login, address: address) {
            throw HTTPFailure.retryLater(
                .tooManyRequests, "too many wrong passwords; try again in \(wait) seconds", after: Int(wait))
        }
        guard let stored = PasswordHash(known.hash), try await blocking.run({ stored.matches(old) }) else {
            throw HTTPFailure(.forbidden, "The current password is wrong.")
        }
        attemptSucceeded(user.login, address: address)
        let hash = try await hash(new)
        try await changeUsers(by: caller) { change in
            try AccountDatabase.setPassword(
                userID: user.id, hash: hash, mustChangePassword: false, keeping: session.tokenHash,
                in: change.database)
            try change.note("user.password", user.login, "by the user")
        }
        table.removeAll(of: user.id, but: session.tokenHash)
        if user.login == "admin" { OneTimePassword.remove(in: directory) }
    }

    static func check(password: String) throws(HTTPFailure) {
        guard password.count >= leastPasswordLength else {
            throw HTTPFailure(.badRequest, "The new password must have at least \(leastPasswordLength) characters.")
        }
        guard password.utf8.count <= mostPasswordBytes, !password.utf8.contains(0) else {
            throw HTTPFailure(.badRequest, "The new password must be at most \(mostPasswordBytes) bytes long.")
        }
    }

    /// Runs a change of users or tokens; what is in memory follows in the order of the transactions.
    func changeUsers<Result: Sendable>(
        by caller: Caller, _ body: @escaping @Sendable (Change) throws -> Result
    ) async throws -> Result {
        try await database.file.change(by: caller) { [people] change in
            let result = try body(change)
            try Self.follow(change.database, people)
            return result
        }
    }

    // MARK: Tokens and hashes

    func hash(_ password: String) async throws -> String {
        try await blocking.run { try PasswordHash.make(password).text }
    }

    /// 32 random bytes in base64url without padding.
    static let tokenLength = 43

    private static func newToken() -> String {
        // 43 letters of 64 carry 258 bits of the kernel's randomness.
        RandomText.letters(tokenLength, of: RandomText.base64URL)
    }
}
