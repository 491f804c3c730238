import GRDB

/// The table of stored folders.
enum FolderTable {
    static func all(in database: Database) throws -> [Folder] {
        try Row.fetchAll(database, sql: "SELECT * FROM folders").map { row in
            Folder(
                id: row["id"], uid: row["uid"], parentUID: row["parent_uid"] ?? "", title: row["title"],
                version: row["version"], createdAt: row["created_at"], createdBy: row["created_by"],
                updatedAt: row["updated_at"], updatedBy: row["updated_by"])
        }
    }

    static func add(uid: String, title: String, parentUID: String, _ change: Change) throws -> Folder {
        let login = change.caller.user.login
        try change.database.execute(
            sql: """
                INSERT INTO folders (uid, parent_uid, title, version, created_at, created_by, updated_at, updated_by)
                VALUES (?, ?, ?, 1, ?, ?, ?, ?)
                """,
            arguments: [uid, parentUID.nonEmpty, title, change.now, login, change.now, login])
        return Folder(
            id: change.database.lastInsertedRowID, uid: uid, parentUID: parentUID, title: title, version: 1,
            createdAt: change.now, createdBy: login, updatedAt: change.now, updatedBy: login)
    }

    /// Gives a folder a title and a place, and counts its version up.
    static func update(_ folder: Folder, title: String, parentUID: String, _ change: Change) throws -> Folder {
        let login = change.caller.user.login
        try change.database.execute(
            sql: """
                UPDATE folders SET title = ?, parent_uid = ?, version = version + 1, updated_at = ?, updated_by = ?
                WHERE id = ?
                """,
            arguments: [title, parentUID.nonEmpty, change.now, login, folder.id])
        return Folder(
            id: folder.id, uid: folder.uid, parentUID: parentUID, title: title, version: folder.version + 1,
            createdAt: folder.createdAt, createdBy: folder.createdBy, updatedAt: change.now, updatedBy: login)
    }

    static func remove(_ folder: Folder, in database: Database) throws {
        try database.execute(sql: "DELETE FROM folders WHERE id = ?", arguments: [folder.id])
    }
}
