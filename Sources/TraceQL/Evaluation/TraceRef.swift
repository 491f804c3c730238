/// A trace, or the part of one that lies in one table.
package struct TraceRef: Hashable, Sendable {
    /// Index in `TraceSnapshot.tables`.
    package let table: Int
    /// Number of the trace in that table.
    package let trace: Int

    /// A place in a snapshot.
    package init(table: Int, trace: Int) {
        self.table = table
        self.trace = trace
    }
}
