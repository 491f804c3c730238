import GRDB
import MartletCore
import Service

extension Accounts {
    /// The user that an identity stands for; made when there is none and the provider may.
    ///
    /// Found by the provider's subject alone, or once, where the provider is told to, by a verified e-mail, which then is
    /// bound to that subject.
    func user(
        of identity: ExternalIdentity, at provider: SignInProvider, address: String
    ) async throws -> User {
        let role = provider.role(in: identity.groups)
        let who = User(
            id: 0, login: "\(provider.id):\(identity.login.cut(to: 100))", name: identity.name, email: "",
            role: .viewer, isDisabled: false, isService: false, createdAt: 0, lastSeenAt: 0, mustChangePassword: false,
            hasPostponedPassword: false)
        let caller = Caller(user: who, credential: .provider(provider.id), address: address)
        return try await changeUsers(by: caller) { change in
            let users = try AccountDatabase.users(in: change.database).filter { !$0.isService }
            let known = try Int64.fetchOne(
                change.database, sql: "SELECT user_id FROM identities WHERE realm = ? AND subject = ?",
                arguments: [provider.realm, identity.subject])
            if let user = users.first(where: { $0.id == known }) {
                guard !user.isDisabled else { throw SignInFailure(.disabled, user.login) }
                return try Self.updating(user, role, users, change)
            }
            if provider.matchesEmail, let email = identity.email {
                let owners = users.filter { $0.email.lowercased() == email }
                if owners.count == 1, let user = owners.first {
                    guard !user.isDisabled else { throw SignInFailure(.disabled, user.login) }
                    let isBound = try Bool.fetchOne(
                        change.database,
                        sql: "SELECT EXISTS (SELECT 1 FROM identities WHERE realm = ? AND user_id = ?)",
                        arguments: [provider.realm, user.id])
                    guard isBound != true else {
                        throw SignInFailure(.login, "\(user.login) belongs to another account at \(provider.id)")
                    }
                    try Self.bind(identity, provider, user.id, change)
                    try change.note("user.identity", user.login, "\(provider.id), by e-mail")
                    return user
                }
            }
            guard provider.signUp else { throw SignInFailure(.unknown, identity.login) }
            return try Self.make(identity, provider, role ?? provider.defaultRole, users, change)
        }
    }

    private static func make(
        _ identity: ExternalIdentity, _ provider: SignInProvider, _ role: Role, _ users: [User], _ change: Change
    ) throws -> User {
        let plain = String(identity.login.unicodeScalars.filter { $0.value > 0x20 }).cut(to: 40)
        // Somebody else's name never becomes ours: the second of a name gets the provider's behind it.
        // `admin` is the one whom --admin.reset-password makes an administrator.
        let taken = Set(try String.fetchAll(change.database, sql: "SELECT lower(login) FROM users") + ["admin"])
        let names = [plain, "\(plain)@\(provider.id)"]
        guard !plain.isEmpty, let login = names.first(where: { !taken.contains($0.lowercased()) }) else {
            throw SignInFailure(.login, plain)
        }
        guard users.count < UserAdministration.limit else {
            throw SignInFailure(.storage, "there are \(UserAdministration.limit) users")
        }
        try change.database.execute(
            sql: """
                INSERT INTO users (login, name, email, password_hash, must_change_password, created_at, role)
                VALUES (?, ?, ?, '', 0, ?, ?)
                """, arguments: [login, identity.name.cut(to: 60), identity.email ?? "", change.now, role.rawValue])
        let id = change.database.lastInsertedRowID
        try bind(identity, provider, id, change)
        try change.note("user.create", login, "\(role.rawValue), by \(provider.id)")
        guard let user = try AccountDatabase.users(in: change.database).first(where: { $0.id == id }) else {
            throw SignInFailure(.storage, "the new user is gone")
        }
        return user
    }

    private static func bind(
        _ identity: ExternalIdentity, _ provider: SignInProvider, _ id: Int64, _ change: Change
    ) throws {
        try change.database.execute(
            sql: "INSERT INTO identities (realm, subject, user_id, created_at) VALUES (?, ?, ?, ?)",
            arguments: [provider.realm, identity.subject, id, change.now])
    }

    /// Gives a user whom a provider has made the role that his groups say now; the last administrator keeps his.
    private static func updating(_ user: User, _ role: Role?, _ users: [User], _ change: Change) throws -> User {
        guard let role, role != user.role else { return user }
        let hash = try String.fetchOne(
            change.database, sql: "SELECT password_hash FROM users WHERE id = ?", arguments: [user.id])
        guard hash == "" else { return user }
        let others = users.contains { $0.id != user.id && $0.role == .admin && !$0.isDisabled }
        guard user.role != .admin || others else { return user }
        try change.database.execute(
            sql: "UPDATE users SET role = ? WHERE id = ?", arguments: [role.rawValue, user.id])
        try change.note("user.role", user.login, "\(user.role.rawValue) is now \(role.rawValue), by groups")
        return user
    }
}
