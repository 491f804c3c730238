/// A consistent view of the stored spans, as tables.
package protocol TraceSnapshot: Sendable {
    /// The tables, in any order.
    var tables: [any SpanTable] { get }
    /// Whether other tables hold spans of the same trace.
    func isFragment(_ ref: TraceRef) -> Bool
    /// All places of the trace, this one included, oldest arrival first.
    func fragments(of ref: TraceRef) -> [TraceRef]
}
