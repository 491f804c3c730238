import GRDB

/// The table of what was changed, by whom, when and from where.
enum AuditTable {
    /// Lines kept of what concerns others; older ones go.
    static let limit = 100_000
    /// Lines kept of what users change for themselves alone. They have a limit of their own, since a viewer can make as many
    /// of them as he likes, and must not drive the others out.
    static let personalLimit = 10_000
    /// Old lines are looked for once in so many new ones.
    private static let pruningInterval: Int64 = 256

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

    /// - Parameter isPersonal: true for what a user changes for himself alone.
    static func add(_ entry: AuditEntry, isPersonal: Bool, to database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO audit (time, login, address, action, subject, detail, is_personal)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                entry.time, entry.login, entry.address, entry.action, entry.subject, entry.detail, isPersonal,
            ])
        guard database.lastInsertedRowID % pruningInterval == 0 else { return }
        for (isPersonal, limit) in [(true, personalLimit), (false, limit)] {
            try database.execute(
                sql: """
                    DELETE FROM audit WHERE is_personal = ? AND id <= (
                        SELECT id FROM audit WHERE is_personal = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
                    """, arguments: [isPersonal, isPersonal, limit])
        }
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
