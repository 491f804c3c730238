import MartletCore
import Service

/// Tables, line by line.
enum TableLines {
    /// The lines of a table: none without rows, not even the titles.
    static func of(_ titles: [String], _ rows: [[String]]) -> [String] {
        if rows.isEmpty { return [] }
        var table = TextTable(titles)
        for row in rows { table.add(row) }
        return table.text.split(separator: "\n").map(String.init)
    }

    /// A server's RFC 3339 time in UTC, in whole seconds; `-` for what is none.
    static func second(_ time: String?) -> String {
        guard let moment = RFC3339.parse(time ?? "") else { return "-" }
        var text: [UInt8] = []
        RFC3339.append(seconds: moment.seconds, fraction: .none, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
