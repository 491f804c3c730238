import GRDB
import MartletCore
import Service

/// The table of playlists.
enum PlaylistTable {
    /// Playlists in all.
    static let limit = 1_000

    /// In the order of their names.
    static func all(in database: Database) throws -> [Playlist] {
        try Row.fetchAll(database, sql: "SELECT * FROM playlists ORDER BY name COLLATE NOCASE, id").map(playlist)
    }

    static func find(_ uid: String, in database: Database) throws -> Playlist? {
        try Row.fetchOne(database, sql: "SELECT * FROM playlists WHERE uid = ?", arguments: [uid]).map(playlist)
    }

    /// Adds a playlist, or replaces the one with the uid.
    static func write(_ playlist: Playlist, in database: Database) throws -> Playlist? {
        try database.execute(
            sql: """
                INSERT INTO playlists (uid, name, interval, items) VALUES (?, ?, ?, ?)
                ON CONFLICT (uid) DO UPDATE SET name = excluded.name, interval = excluded.interval, items = excluded.items
                """,
            arguments: [
                playlist.uid, playlist.name, playlist.interval,
                String(decoding: JSONValue.array(playlist.items.map(\.json)).bytes, as: UTF8.self),
            ])
        return try find(playlist.uid, in: database)
    }

    static func remove(_ uid: String, in database: Database) throws {
        try database.execute(sql: "DELETE FROM playlists WHERE uid = ?", arguments: [uid])
    }

    private static func playlist(_ row: Row) throws -> Playlist {
        let uid: String = row["uid"]
        let list = try StoredJSON.value(row["items"], "items", of: "playlist \(uid)", empty: "[]").array ?? []
        let items: [Playlist.Item]
        do {
            items = try Playlist.items(list)
        } catch {
            throw StoredJSON.damage("items", "playlist \(uid)", error.message, "[]")
        }
        return Playlist(
            id: row["id"], uid: uid, name: row["name"], interval: row["interval"], items: items)
    }
}
