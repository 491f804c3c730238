import GRDB

/// The table of what was changed, by whom, when and from where.
enum AuditTable {
    /// Lines kept; older ones go.
    static let limit: Int64 = 100_000

    /// What to look for.
    struct Filter: Sendable {
        /// Only lines before this one; nil for the newest.
        var before: Int64?
        var login: String?
        /// An action, or the beginning of actions: `dashboard` finds `dashboard.save`.
        var action: String?
        /// Unix seconds, both included.
        var from: Int64 = 0
        var to: Int64 = .max
        var limit = 100
    }

    static func add(_ entry: AuditEntry, to database: Database) throws {
        try database.execute(
            sql: "INSERT INTO audit (time, login, address, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [entry.time, entry.login, entry.address, entry.action, entry.subject, entry.detail])
        let id = database.lastInsertedRowID
        // Ids rise by one, so that the count needs no look at the table.
        try database.execute(sql: "DELETE FROM audit WHERE id <= ?", arguments: [id - limit])
    }

    /// Newest first.
    static func find(_ filter: Filter, in database: Database) throws -> [AuditEntry] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM audit WHERE id < ? AND time BETWEEN ? AND ? AND (? IS NULL OR login = ?)
                    AND (? IS NULL OR action = ? OR substr(action, 1, length(?) + 1) = ? || '.')
                ORDER BY id DESC LIMIT ?
                """,
            arguments: [
                filter.before ?? .max, filter.from, filter.to, filter.login, filter.login, filter.action, filter.action,
                filter.action, filter.action, filter.limit,
            ]
        ).map { row in
            AuditEntry(
                id: row["id"], time: row["time"], login: row["login"], address: row["address"], action: row["action"],
                subject: row["subject"], detail: row["detail"])
        }
    }
}
