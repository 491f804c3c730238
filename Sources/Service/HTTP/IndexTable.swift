/// A table of a server's page at `/`: what is so at this moment.
package struct IndexTable: Sendable {
    package let title: String
    /// Heads of the columns.
    package let columns: [String]
    /// Cells, all as text.
    package let rows: [[String]]
    /// What stands there when there is no row.
    package let empty: String

    /// A table.
    package init(_ title: String, columns: [String], rows: [[String]], empty: String) {
        self.title = title
        self.columns = columns
        self.rows = rows
        self.empty = empty
    }
}
