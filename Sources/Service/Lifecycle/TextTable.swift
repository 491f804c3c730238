/// Lines of columns with blanks between them, each column as wide as its longest cell, 13 at least.
package struct TextTable: Sendable {
    private static let minimumWidth = 13
    private static let padding = 2
    private var rows: [[String]]

    /// A table with the names of its columns.
    package init(_ header: [String]) {
        rows = [header]
    }

    /// Adds a line.
    package mutating func add(_ row: [String]) { rows.append(row) }

    /// The lines; the last column is not filled up.
    package var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            max(Self.minimumWidth, (rows.map { $0[column].unicodeScalars.count }.max() ?? 0) + Self.padding)
        }
        var text = ""
        for row in rows {
            for (column, cell) in row.enumerated() {
                text += cell
                if column < row.count - 1 {
                    text += String(repeating: " ", count: widths[column] - cell.unicodeScalars.count)
                }
            }
            text += "\n"
        }
        return text
    }
}
