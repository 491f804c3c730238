import FoundationEssentials
import GRDB
import MartletCore

/// The tables of stored dashboards and their versions.
enum BoardTable {
    /// Versions of a dashboard that are kept; older ones go.
    static let versionsKept: Int64 = 50

    // MARK: Reading

    static func all(in database: Database) throws -> [StoredBoard] {
        try Row.fetchAll(database, sql: "SELECT * FROM boards").map(board)
    }

    static func find(_ uid: String, in database: Database) throws -> StoredBoard? {
        try Row.fetchOne(database, sql: "SELECT * FROM boards WHERE uid = ?", arguments: [uid]).map(board)
    }

    /// A dashboard of a title in a folder, other than one.
    static func namesake(
        of title: String, in folderUID: String, but uid: String, _ database: Database
    ) throws -> StoredBoard? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM boards WHERE folder_uid IS ? AND title = ? AND uid <> ? LIMIT 1",
            arguments: [folderUID.nonEmpty, title, uid]
        ).map(board)
    }

    /// The text of a version's model; nil when there is none.
    static func model(_ board: StoredBoard, version: Int64, in database: Database) throws -> [UInt8]? {
        try Row.fetchOne(
            database, sql: "SELECT model FROM board_versions WHERE board_id = ? AND version = ?",
            arguments: [board.id, version]
        ).map { row in try row.withUnsafeData(named: "model") { $0.map(Array.init) ?? [] } }
    }

    /// The newest first.
    static func versions(
        of board: StoredBoard, skipping skipped: Int = 0, limit: Int = .max, in database: Database
    ) throws -> [BoardVersion] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT version, parent_version, restored_from, created_at, created_by, message FROM board_versions
                WHERE board_id = ? ORDER BY version DESC LIMIT ? OFFSET ?
                """, arguments: [board.id, limit, skipped]
        ).map { row in
            BoardVersion(
                boardID: board.id, uid: board.uid, version: row["version"], parentVersion: row["parent_version"],
                restoredFrom: row["restored_from"], createdAt: row["created_at"], createdBy: row["created_by"],
                message: row["message"])
        }
    }

    // MARK: Writing

    /// Adds a dashboard, or a version to the one with the uid.
    /// - Parameters:
    ///   - last: what is stored under the uid; nil for nothing.
    ///   - restoredFrom: the version whose content this is; 0 for none.
    static func write(
        _ model: BoardModel, uid: String, folderUID: String, over last: StoredBoard?, message: String,
        restoredFrom: Int64 = 0, _ change: Change
    ) throws -> StoredBoard {
        let (database, version) = (change.database, (last?.version ?? 0) + 1)
        let (login, tags) = (
            change.caller.user.login, String(decoding: JSONValue.strings(model.tags).bytes, as: UTF8.self)
        )
        if let last {
            try database.execute(
                sql: """
                    UPDATE boards SET folder_uid = ?, title = ?, description = ?, tags = ?, version = ?, updated_at = ?,
                        updated_by = ? WHERE id = ?
                    """,
                arguments: [
                    folderUID.nonEmpty, model.title, model.description, tags, version, change.now, login, last.id,
                ])
        } else {
            try database.execute(
                sql: """
                    INSERT INTO boards (uid, folder_uid, title, description, tags, version, created_at, created_by,
                        updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    uid, folderUID.nonEmpty, model.title, model.description, tags, version, change.now, login,
                    change.now, login,
                ])
        }
        let id = last?.id ?? database.lastInsertedRowID
        try database.execute(
            sql: """
                INSERT INTO board_versions (board_id, version, parent_version, restored_from, created_at, created_by,
                    message, model) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, version, last?.version ?? 0, restoredFrom, change.now, login, message,
                Data(model.text(id: id, uid: uid, version: version)),
            ])
        try database.execute(
            sql: "DELETE FROM board_versions WHERE board_id = ? AND version <= ?",
            arguments: [id, version - versionsKept])
        return StoredBoard(
            id: id, uid: uid, folderUID: folderUID, title: model.title, description: model.description,
            tags: model.tags, version: version, createdAt: last?.createdAt ?? change.now,
            createdBy: last?.createdBy ?? login, updatedAt: change.now, updatedBy: login)
    }

    static func move(_ board: StoredBoard, to folderUID: String, in database: Database) throws {
        try database.execute(
            sql: "UPDATE boards SET folder_uid = ? WHERE id = ?", arguments: [folderUID.nonEmpty, board.id])
    }

    /// Removes a dashboard with its versions, annotations and stars.
    static func remove(_ board: StoredBoard, in database: Database) throws {
        try database.execute(sql: "DELETE FROM boards WHERE id = ?", arguments: [board.id])
        try database.execute(sql: "DELETE FROM annotations WHERE board_uid = ?", arguments: [board.uid])
        try database.execute(sql: "DELETE FROM stars WHERE board_uid = ?", arguments: [board.uid])
    }

    private static func board(_ row: Row) throws -> StoredBoard {
        let uid: String = row["uid"]
        return StoredBoard(
            id: row["id"], uid: uid, folderUID: row["folder_uid"] ?? "", title: row["title"],
            description: row["description"],
            tags: try StoredJSON.texts(row["tags"], "tags", of: "dashboard \(uid)"),
            version: row["version"], createdAt: row["created_at"], createdBy: row["created_by"],
            updatedAt: row["updated_at"], updatedBy: row["updated_by"])
    }
}

extension String {
    /// The text, or nil when it is empty: what is absent in the database is empty here.
    var nonEmpty: String? { isEmpty ? nil : self }
}
