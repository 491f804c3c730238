import MartletCore

/// The JSON that columns of the database hold. What this server has written is always sound: anything else was put there by
/// somebody else, and to read it as empty would hide that, until the next change makes it so.
enum StoredJSON {
    /// The value of a column; `row` says of what, for the message, and `empty` what the column may be set to.
    static func value(
        _ text: String, _ column: String, of row: @autoclosure () -> String, empty: String
    ) throws(StorageFailure) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: text)
        } catch {
            throw damage(column, row(), "\(error)", empty)
        }
    }

    /// The array of texts of a column.
    static func texts(
        _ text: String, _ column: String, of row: @autoclosure () -> String
    ) throws(StorageFailure) -> [String] {
        // Most have none.
        if text == "[]" { return [] }
        let array = try value(text, column, of: row(), empty: "[]").array
        guard let array, case let texts = array.compactMap(\.string), texts.count == array.count else {
            throw damage(column, row(), "it is no list of texts", "[]")
        }
        return texts
    }

    /// Why a column cannot be used, with what helps.
    static func damage(_ column: String, _ row: String, _ reason: String, _ empty: String) -> StorageFailure {
        StorageFailure(
            message:
                "the database is damaged: \(column) of \(row) cannot be read (\(reason)); put a copy of the database back, or set "
                + "the column to '\(empty)' with sqlite3")
    }
}
