import GRDB
import HTTPTypes
import MartletCore
import Service

/// What administrators do with users. One who can administrate always remains: nobody takes away his own role, and the last
/// administrator stays.
struct UserAdministration: Sendable {
    let accounts: Accounts

    /// Users and service accounts in all.
    static let limit = 10_000

    /// What a user is to be made of.
    struct New: Sendable {
        let login: String
        let name: String
        let email: String
        let password: String
        let role: Role
    }

    /// All users without service accounts, the oldest first.
    func users() async throws -> [User] {
        try await accounts.database.users().filter { !$0.isService }
    }

    func find(_ id: Int64) async throws -> User {
        guard let user = try await users().first(where: { $0.id == id }) else { throw Self.notFound }
        return user
    }

    static let notFound = HTTPFailure(.notFound, "user not found")

    /// - Returns: the user's id.
    func add(_ new: New, by caller: Caller) async throws -> Int64 {
        let login = try Self.check(login: new.login)
        let (name, email) = (try Self.check(name: new.name), try Self.check(name: new.email))
        try Accounts.check(password: new.password)
        let hash = try await accounts.hash(new.password)
        return try await accounts.changeUsers(by: caller) { change in
            try BoardLibrary.checkCount("users", Self.limit, "users", in: change.database)
            try Self.checkFree(login, but: 0, change)
            try change.database.execute(
                sql: """
                    INSERT INTO users (login, name, email, password_hash, must_change_password, created_at, role)
                    VALUES (?, ?, ?, ?, 0, ?, ?)
                    """, arguments: [login, name.nonEmpty ?? login, email, hash, change.now, new.role.rawValue])
            let id = change.database.lastInsertedRowID
            try change.note("user.create", login, new.role.rawValue)
            return id
        }
    }

    /// Changes login, name and e-mail; nil leaves one as it is.
    func update(_ id: Int64, login: String?, name: String?, email: String?, by caller: Caller) async throws {
        let login = try login.map(Self.check(login:))
        let (name, email) = (try name.map(Self.check(name:)), try email.map(Self.check(name:)))
        try await change(id, by: caller) { change, user in
            if let login {
                guard user.login != "admin" || login == "admin" else {
                    throw HTTPFailure(.badRequest, "admin keeps its login: --admin.reset-password finds it by that")
                }
                try Self.checkFree(login, but: id, change)
            }
            try change.database.execute(
                sql: "UPDATE users SET login = ?, name = ?, email = ? WHERE id = ?",
                arguments: [login ?? user.login, name ?? user.name, email ?? user.email, id])
            try change.note("user.update", user.login, login.map { "login \($0)" } ?? "")
        }
    }

    func setRole(_ id: Int64, _ role: Role, by caller: Caller) async throws {
        try await change(id, by: caller) { change, user in
            if role < .admin { try Self.checkOthersRemain(user, change) }
            try change.database.execute(
                sql: "UPDATE users SET role = ? WHERE id = ?", arguments: [role.rawValue, id])
            try change.note("user.role", user.login, "\(user.role.rawValue) is now \(role.rawValue)")
        }
    }

    /// Gives a user a password and ends the user's sessions.
    func setPassword(_ id: Int64, _ password: String, by caller: Caller) async throws {
        try Accounts.check(password: password)
        let hash = try await accounts.hash(password)
        try await change(id, by: caller) { change, user in
            try AccountDatabase.setPassword(
                userID: id, hash: hash, mustChangePassword: false, keeping: nil, in: change.database)
            try change.note("user.password", user.login, "by an administrator")
        }
        accounts.table.removeAll(of: id, but: nil)
    }

    /// Lets a user log in or not; who may not is logged out.
    func setDisabled(_ id: Int64, _ isDisabled: Bool, by caller: Caller) async throws {
        try await change(id, by: caller) { change, user in
            if isDisabled { try Self.checkOthersRemain(user, change) }
            try change.database.execute(
                sql: "UPDATE users SET is_disabled = ? WHERE id = ?", arguments: [isDisabled, id])
            if isDisabled { try Self.endSessions(of: id, change) }
            try change.note(isDisabled ? "user.disable" : "user.enable", user.login)
        }
        if isDisabled { accounts.table.removeAll(of: id, but: nil) }
    }

    func logOut(_ id: Int64, by caller: Caller) async throws {
        try await change(id, by: caller) { change, user in
            try Self.endSessions(of: id, change)
            try change.note("user.logout", user.login, "by an administrator")
        }
        accounts.table.removeAll(of: id, but: nil)
    }

    /// Removes a user with sessions, stars and preferences. What the user has made stays.
    func remove(_ id: Int64, by caller: Caller) async throws {
        try await change(id, by: caller) { change, user in
            try Self.checkOthersRemain(user, change)
            try change.database.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [id])
            try change.note("user.delete", user.login)
        }
        accounts.table.removeAll(of: id, but: nil)
    }

    // MARK: Checks

    private func change(
        _ id: Int64, by caller: Caller, _ body: @escaping @Sendable (Change, User) throws -> Void
    ) async throws {
        try await accounts.changeUsers(by: caller) { change in
            let users = try AccountDatabase.users(in: change.database)
            guard let user = users.first(where: { $0.id == id && !$0.isService }) else { throw Self.notFound }
            try body(change, user)
        }
    }

    private static func endSessions(of id: Int64, _ change: Change) throws {
        try change.database.execute(sql: "DELETE FROM sessions WHERE user_id = ?", arguments: [id])
    }

    /// - Throws: ``HTTPFailure`` 400 when a user is the caller, or the last who can administrate.
    private static func checkOthersRemain(_ user: User, _ change: Change) throws {
        guard user.id != change.caller.user.id else {
            throw HTTPFailure(.badRequest, "nobody can disable, delete or demote himself; another administrator can")
        }
        let others = try AccountDatabase.users(in: change.database).contains {
            $0.id != user.id && $0.role == .admin && !$0.isDisabled && !$0.isService
        }
        guard others else { throw HTTPFailure(.badRequest, "this is the last administrator") }
    }

    private static func checkFree(_ login: String, but id: Int64, _ change: Change) throws {
        let owner = try Int64.fetchOne(
            change.database, sql: "SELECT id FROM users WHERE login = ?", arguments: [login])
        guard owner == nil || owner == id else {
            throw HTTPFailure(.preconditionFailed, "user with login '\(login)' already exists")
        }
    }

    static func check(login: String) throws(HTTPFailure) -> String {
        let login = login.trimmed
        guard !login.isEmpty, login.utf8.count <= 190, login.unicodeScalars.allSatisfy({ $0.value > 0x20 }) else {
            throw HTTPFailure(.badRequest, "login must have 1 to 190 bytes without blanks")
        }
        return login
    }

    static func check(name: String) throws(HTTPFailure) -> String {
        guard name.utf8.count <= 255 else { throw HTTPFailure(.badRequest, "name and email have at most 255 bytes") }
        return name.trimmed
    }
}
