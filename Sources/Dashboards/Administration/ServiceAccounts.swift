import GRDB
import HTTPTypes
import MartletCore
import Service

/// Accounts of programs, which have a role and tokens.
struct ServiceAccounts: Sendable {
    let accounts: Accounts

    /// Tokens of one account.
    private static let tokenLimit = 100
    /// The longest life of a token that ends: 10 years.
    private static let lifeLimit: Int64 = 10 * 366 * 86_400

    /// All, the oldest first.
    func all() async throws -> [User] {
        try await accounts.database.users().filter(\.isService)
    }

    func find(_ id: Int64) async throws -> User {
        guard let user = try await all().first(where: { $0.id == id }) else { throw Self.notFound }
        return user
    }

    private static let notFound = HTTPFailure(.notFound, "service account not found")

    func add(name: String, role: Role, isDisabled: Bool, by caller: Caller) async throws -> User {
        let name = try Self.check(name)
        let id = try await accounts.changeUsers(by: caller) { change in
            try BoardLibrary.checkCount("users", UserAdministration.limit, "users", in: change.database)
            let login = "sa-1-" + Slug.of(name, fallback: "account")
            let isTaken = try Bool.fetchOne(
                change.database, sql: "SELECT EXISTS (SELECT 1 FROM users WHERE login = ?)", arguments: [login])
            guard isTaken != true else {
                throw HTTPFailure(.badRequest, "service account already exists")
            }
            try change.database.execute(
                sql: """
                    INSERT INTO users (login, name, password_hash, must_change_password, created_at, role, is_disabled,
                        is_service) VALUES (?, ?, '', 0, ?, ?, ?, 1)
                    """, arguments: [login, name, change.now, role.rawValue, isDisabled])
            let id = change.database.lastInsertedRowID
            try change.note("service-account.create", login, role.rawValue)
            return id
        }
        return try await find(id)
    }

    /// Changes what is not nil.
    func update(_ id: Int64, name: String?, role: Role?, isDisabled: Bool?, by caller: Caller) async throws -> User {
        let name = try name.map(Self.check)
        try await change(id, by: caller) { change, account in
            try change.database.execute(
                sql: "UPDATE users SET name = ?, role = ?, is_disabled = ? WHERE id = ?",
                arguments: [
                    name ?? account.name, (role ?? account.role).rawValue, isDisabled ?? account.isDisabled, id,
                ])
            try change.note(
                "service-account.update", account.login,
                "\((role ?? account.role).rawValue)\(isDisabled ?? account.isDisabled ? ", disabled" : "")")
        }
        return try await find(id)
    }

    /// Removes an account; its tokens end.
    func remove(_ id: Int64, by caller: Caller) async throws {
        try await change(id, by: caller) { change, account in
            try change.database.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [id])
            try change.note("service-account.delete", account.login)
        }
    }

    // MARK: Tokens

    func tokens(of id: Int64) async throws -> [ServiceToken] {
        accounts.people.tokens(of: try await find(id).id)
    }

    /// Makes a token.
    /// - Parameter secondsToLive: 0 for ever.
    /// - Returns: its id, and its text, which nobody will see again.
    func addToken(
        to id: Int64, name: String, secondsToLive: Int64, by caller: Caller
    ) async throws -> (id: Int64, key: String) {
        let name = try Self.check(name)
        guard (0...Self.lifeLimit).contains(secondsToLive) else {
            throw HTTPFailure(.badRequest, "secondsToLive must be 0, which is for ever, to \(Self.lifeLimit)")
        }
        let key = ServiceToken.makeText()
        let hash = AccountDatabase.blob(TokenDigest.of(key))
        let made = Lock<Int64>(0)
        try await change(id, by: caller) { change, account in
            let tokens = try AccountDatabase.tokens(in: change.database).filter { $0.userID == id }
            guard !tokens.contains(where: { $0.name == name }) else {
                throw HTTPFailure(.conflict, "service account token with given name already exists in the organization")
            }
            guard tokens.count < Self.tokenLimit else {
                throw HTTPFailure(.badRequest, "an account has at most \(Self.tokenLimit) tokens; delete one first")
            }
            try change.database.execute(
                sql: "INSERT INTO tokens (user_id, name, token_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [id, name, hash, change.now, secondsToLive == 0 ? nil : change.now + secondsToLive])
            let token = change.database.lastInsertedRowID
            made.withLock { $0 = token }
            try change.note("service-account.token.create", account.login, name)
        }
        return (made.withLock { $0 }, key)
    }

    func removeToken(_ tokenID: Int64, of id: Int64, by caller: Caller) async throws {
        try await change(id, by: caller) { change, account in
            let tokens = try AccountDatabase.tokens(in: change.database)
            guard let token = tokens.first(where: { $0.id == tokenID && $0.userID == id }) else {
                throw HTTPFailure(.notFound, "service account token not found")
            }
            try change.database.execute(sql: "DELETE FROM tokens WHERE id = ?", arguments: [tokenID])
            try change.note("service-account.token.delete", account.login, token.name)
        }
    }

    private func change(
        _ id: Int64, by caller: Caller, _ body: @escaping @Sendable (Change, User) throws -> Void
    ) async throws {
        try await accounts.changeUsers(by: caller) { change in
            let users = try AccountDatabase.users(in: change.database)
            guard let account = users.first(where: { $0.id == id && $0.isService }) else { throw Self.notFound }
            try body(change, account)
        }
    }

    private static func check(_ name: String) throws(HTTPFailure) -> String {
        let name = name.trimmed
        guard !name.isEmpty, name.fits(190) else {
            throw HTTPFailure(.badRequest, "a name has 1 to 190 characters")
        }
        return name
    }
}
