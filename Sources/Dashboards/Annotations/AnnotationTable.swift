import GRDB
import MartletCore

/// The table of annotations.
enum AnnotationTable {
    /// Annotations in all.
    static let countLimit = 200_000
    /// Bytes of text, tags and data in one answer; what is older is left out.
    private static let answerLimit = 16 << 20

    /// What to look for.
    struct Filter: Sendable {
        /// Unix milliseconds; what lies in between or reaches into it is found.
        var from: Int64 = .min
        var to: Int64 = .max
        /// nil for those of all dashboards.
        var boardUID: String?
        var panelID: Int64?
        var userID: Int64?
        var tags: [String] = []
        /// True when one of the tags is enough.
        var takesAnyTag = false
        var limit = 100
    }

    /// The latest first.
    static func find(_ filter: Filter, in database: Database) throws -> [Annotation] {
        var conditions = ["time_end >= ?", "time <= ?"]
        var arguments: [any DatabaseValueConvertible] = [filter.from, filter.to]
        func add(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            arguments.append(value)
        }
        add("board_uid = ?", filter.boardUID)
        add("panel_id = ?", filter.panelID)
        add("user_id = ?", filter.userID)
        if !filter.tags.isEmpty {
            let marks = Array(repeating: "?", count: filter.tags.count).joined(separator: ", ")
            let count = "(SELECT count(DISTINCT value) FROM json_each(tags) WHERE value IN (\(marks)))"
            conditions.append("\(count) >= \(filter.takesAnyTag ? 1 : Set(filter.tags).count)")
            arguments += filter.tags as [any DatabaseValueConvertible]
        }
        arguments.append(filter.limit)
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT * FROM annotations WHERE \(conditions.joined(separator: " AND "))
                ORDER BY time_end DESC, time DESC, id DESC LIMIT ?
                """, arguments: StatementArguments(arguments))
        var (found, room) = ([Annotation](), answerLimit)
        while room > 0, let row = try rows.next() {
            for column in ["text", "tags", "data"] { room -= (row[column] as String).utf8.count }
            found.append(try annotation(row))
        }
        return found
    }

    static func find(_ id: Int64, in database: Database) throws -> Annotation? {
        try Row.fetchOne(database, sql: "SELECT * FROM annotations WHERE id = ?", arguments: [id]).map(annotation)
    }

    /// True for a dashboard that has some.
    static func exist(on boardUID: String, in database: Database) throws -> Bool {
        try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM annotations WHERE board_uid = ?)", arguments: [boardUID])
            ?? false
    }

    /// - Returns: its id.
    static func add(_ annotation: Annotation, to database: Database) throws -> Int64 {
        try database.execute(
            sql: """
                INSERT INTO annotations (board_uid, panel_id, time, time_end, text, tags, data, user_id, login,
                    created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                annotation.boardUID, annotation.panelID, annotation.time, annotation.timeEnd, annotation.text,
                text(.strings(annotation.tags)), text(annotation.data), annotation.userID, annotation.login,
                annotation.createdAt, annotation.updatedAt,
            ])
        return database.lastInsertedRowID
    }

    /// Writes what may change: times, text, tags and data.
    static func update(_ annotation: Annotation, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE annotations SET time = ?, time_end = ?, text = ?, tags = ?, data = ?, updated_at = ? WHERE id = ?
                """,
            arguments: [
                annotation.time, annotation.timeEnd, annotation.text, text(.strings(annotation.tags)),
                text(annotation.data), annotation.updatedAt, annotation.id,
            ])
    }

    static func remove(_ id: Int64, in database: Database) throws {
        try database.execute(sql: "DELETE FROM annotations WHERE id = ?", arguments: [id])
    }

    /// Tags that contain a text, with how many annotations have them.
    static func tags(containing text: String, limit: Int, in database: Database) throws -> [(tag: String, count: Int)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT tag.value AS tag, count(*) AS count FROM annotations, json_each(annotations.tags) AS tag
                WHERE instr(lower(tag.value), lower(?)) > 0 GROUP BY tag.value ORDER BY tag.value LIMIT ?
                """, arguments: [text, limit]
        ).map { ($0["tag"], $0["count"]) }
    }

    private static func text(_ value: JSONValue) -> String {
        String(decoding: value.bytes, as: UTF8.self)
    }

    private static func annotation(_ row: Row) throws -> Annotation {
        let id: Int64 = row["id"]
        return Annotation(
            id: id, boardUID: row["board_uid"], panelID: row["panel_id"], time: row["time"],
            timeEnd: row["time_end"], text: row["text"],
            tags: try StoredJSON.texts(row["tags"], "tags", of: "annotation \(id)"),
            data: try StoredJSON.value(row["data"], "data", of: "annotation \(id)", empty: "{}"),
            userID: row["user_id"], login: row["login"],
            createdAt: row["created_at"], updatedAt: row["updated_at"])
    }
}
