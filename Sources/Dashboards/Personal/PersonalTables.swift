import GRDB
import HTTPTypes
import MartletCore
import Service

/// What users keep for themselves: stars and preferences.
struct PersonalTables: Sendable {
    let database: DashboardDatabase

    /// Stars that one user may have.
    private static let starLimit = 5_000

    // MARK: Stars

    /// The uids of the dashboards that a user has starred.
    func stars(of user: User) async throws -> Set<String> {
        try await database.read { database in
            try Set(
                String.fetchAll(database, sql: "SELECT board_uid FROM stars WHERE user_id = ?", arguments: [user.id]))
        }
    }

    func star(_ uid: String, by caller: Caller) async throws {
        try await database.change(by: caller) { change in
            let count = try Int.fetchOne(
                change.database, sql: "SELECT count(*) FROM stars WHERE user_id = ?", arguments: [caller.user.id])
            guard (count ?? 0) < Self.starLimit else {
                throw HTTPFailure(.badRequest, "you have \(Self.starLimit) stars already, which is the most")
            }
            try change.database.execute(
                sql: "INSERT OR IGNORE INTO stars (user_id, board_uid) VALUES (?, ?)",
                arguments: [caller.user.id, uid])
            try change.note("star.add", uid, isPersonal: true)
        }
    }

    func unstar(_ uid: String, by caller: Caller) async throws {
        try await database.change(by: caller) { change in
            try change.database.execute(
                sql: "DELETE FROM stars WHERE user_id = ? AND board_uid = ?", arguments: [caller.user.id, uid])
            try change.note("star.remove", uid, isPersonal: true)
        }
    }

    // MARK: Preferences

    /// The preferences of a user, or of all for nil.
    func preferences(of userID: Int64?) async throws -> Preferences {
        try await database.read { database in
            let text = try String.fetchOne(
                database, sql: "SELECT value FROM preferences WHERE user_id IS ?", arguments: [userID])
            guard let text else { return Preferences() }
            let owner = userID.map { "user \($0)" } ?? "all users"
            return Preferences(
                stored: try StoredJSON.value(text, "value", of: "the preferences of \(owner)", empty: "{}"))
        }
    }

    /// Keeps preferences, a caller's own or those of all.
    func keep(_ preferences: Preferences, forAll: Bool, by caller: Caller) async throws {
        let userID = forAll ? nil : Optional(caller.user.id)
        let text = String(decoding: preferences.json.bytes, as: UTF8.self)
        try await database.change(by: caller) { change in
            try change.database.execute(sql: "DELETE FROM preferences WHERE user_id IS ?", arguments: [userID])
            try change.database.execute(
                sql: "INSERT INTO preferences (user_id, value) VALUES (?, ?)", arguments: [userID, text])
            try change.note("preferences.save", forAll ? "all" : caller.user.login, text, isPersonal: !forAll)
        }
    }
}
