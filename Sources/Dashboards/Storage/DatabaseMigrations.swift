import GRDB

/// The tables, step by step as they came to be. A step that was released is never changed.
enum DatabaseMigrations {
    static var all: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (name, sql) in steps { migrator.registerMigration(name) { try $0.execute(sql: sql) } }
        return migrator
    }

    private static let steps = [
        ("1 accounts", accounts),
        (
            "2 postponed choice of a password",
            "ALTER TABLE users ADD COLUMN postponed_password INTEGER NOT NULL DEFAULT 0"
        ), ("3 roles and tokens", roles), ("4 folders and dashboards", boards), ("5 annotations", annotations),
        ("6 what belongs to users", personal), ("7 audit", audit),
        ("8 identities at providers", identities),
    ]

    private static let accounts = """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            login TEXT NOT NULL COLLATE NOCASE UNIQUE,
            name TEXT NOT NULL,
            password_hash TEXT NOT NULL,
            must_change_password INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        );
        CREATE TABLE sessions (
            token_hash BLOB PRIMARY KEY,
            user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            created_at INTEGER NOT NULL,
            last_seen_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX sessions_by_user ON sessions (user_id);
        """

    /// Whoever was a user before there were roles could do everything.
    private static let roles = """
        ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'Viewer';
        ALTER TABLE users ADD COLUMN email TEXT NOT NULL DEFAULT '';
        ALTER TABLE users ADD COLUMN is_disabled INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE users ADD COLUMN is_service INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE users ADD COLUMN last_seen_at INTEGER NOT NULL DEFAULT 0;
        UPDATE users SET role = 'Admin';
        CREATE TABLE tokens (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            token_hash BLOB NOT NULL UNIQUE,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            last_used_at INTEGER,
            UNIQUE (user_id, name)
        );
        """

    private static let boards = """
        CREATE TABLE folders (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            uid TEXT NOT NULL UNIQUE,
            parent_uid TEXT REFERENCES folders (uid) ON DELETE CASCADE,
            title TEXT NOT NULL,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            updated_at INTEGER NOT NULL,
            updated_by TEXT NOT NULL
        );
        CREATE UNIQUE INDEX folders_by_title ON folders (ifnull(parent_uid, ''), title);
        CREATE TABLE boards (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            uid TEXT NOT NULL UNIQUE,
            folder_uid TEXT REFERENCES folders (uid) ON DELETE CASCADE,
            title TEXT NOT NULL,
            description TEXT NOT NULL,
            tags TEXT NOT NULL,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            updated_at INTEGER NOT NULL,
            updated_by TEXT NOT NULL
        );
        CREATE INDEX boards_by_folder ON boards (folder_uid, title);
        CREATE TABLE board_versions (
            board_id INTEGER NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
            version INTEGER NOT NULL,
            parent_version INTEGER NOT NULL,
            restored_from INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            message TEXT NOT NULL,
            model BLOB NOT NULL,
            PRIMARY KEY (board_id, version)
        );
        """

    private static let annotations = """
        CREATE TABLE annotations (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            board_uid TEXT NOT NULL,
            panel_id INTEGER NOT NULL,
            time INTEGER NOT NULL,
            time_end INTEGER NOT NULL,
            text TEXT NOT NULL,
            tags TEXT NOT NULL,
            data TEXT NOT NULL,
            user_id INTEGER NOT NULL,
            login TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        );
        CREATE INDEX annotations_by_end ON annotations (time_end);
        CREATE INDEX annotations_by_board ON annotations (board_uid, time_end);
        """

    private static let personal = """
        CREATE TABLE stars (
            user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            board_uid TEXT NOT NULL,
            PRIMARY KEY (user_id, board_uid)
        ) WITHOUT ROWID;
        CREATE TABLE preferences (
            user_id INTEGER UNIQUE REFERENCES users (id) ON DELETE CASCADE,
            value TEXT NOT NULL
        );
        CREATE TABLE short_links (
            uid TEXT PRIMARY KEY,
            path TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            last_seen_at INTEGER NOT NULL
        );
        CREATE INDEX short_links_by_use ON short_links (last_seen_at);
        CREATE TABLE playlists (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            uid TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            interval TEXT NOT NULL,
            items TEXT NOT NULL
        );
        """

    private static let identities = """
        CREATE TABLE identities (
            realm TEXT NOT NULL,
            subject TEXT NOT NULL,
            user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (realm, subject)
        ) WITHOUT ROWID;
        CREATE INDEX identities_by_user ON identities (user_id);
        """

    private static let audit = """
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            login TEXT NOT NULL,
            address TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL,
            is_personal INTEGER NOT NULL
        );
        CREATE INDEX audit_by_kind ON audit (is_personal, id);
        """
}
