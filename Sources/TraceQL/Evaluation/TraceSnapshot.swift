/// A consistent view of the stored spans, as tables.
package protocol TraceSnapshot: Sendable {
    /// The tables, in any order.
    var tables: [any SpanTable] { get }
    /// Whether a table could not be read while it was used: what was computed is not to be trusted, and the next snapshot
    /// does without that table.
    var isDamaged: Bool { get }
    /// Why a table could not be had while it was used, and may be had later: nothing of what was computed is to be given out.
    var failure: (any Error)? { get }
    /// The rows of a table that count: false for those that a later copy of the span replaces, wherever it lies.
    func live(_ table: Int) -> Bitmap
    /// Whether other tables hold spans of the same trace.
    func isFragment(_ ref: TraceRef) -> Bool
    /// All places of the trace, this one included, oldest arrival first.
    func fragments(of ref: TraceRef) -> [TraceRef]
}

extension TraceSnapshot {
    package var failure: (any Error)? { nil }
}
