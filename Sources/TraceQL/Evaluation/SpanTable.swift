/// Spans in columns, which are computed when they are asked for. Rows of one trace need not be neighbours; of a span sent
/// twice one row is live (`TraceSnapshot.live`).
package protocol SpanTable: Sendable {
    /// Number of rows.
    var spanCount: Int { get }
    /// Number of traces with at least one row.
    var traceCount: Int { get }
    /// First start and last end of all rows, replaced ones too; (max, 0) when there are none.
    var timeBounds: (start: UInt64, end: UInt64) { get }
    /// Largest `traceBounds` start of all traces; 0 when there is none.
    var latestTraceStart: UInt64 { get }
    /// First start and last end of each trace's rows here.
    var traceBounds: [(start: UInt64, end: UInt64)] { get }
    /// The number of each row's trace.
    var traceNumbers: [UInt32] { get }
    /// Span ids, most significant byte first.
    var spanIDs: [UInt64] { get }
    /// Parent span ids; 0 for none.
    var parentIDs: [UInt64] { get }
    /// Unix nanoseconds.
    var startTimes: [UInt64] { get }
    /// Nanoseconds.
    var durations: [Int64] { get }
    /// For each row the index of its first event row; one more element at the end.
    var eventOffsets: [UInt32] { get }
    /// For each row the index of its first link row; one more element at the end.
    var linkOffsets: [UInt32] { get }
    /// The id of a trace.
    func traceID(_ trace: Int) -> (high: UInt64, low: UInt64)
    /// Calls `body` with the rows of a trace, in order of arrival, replaced ones too.
    func forEachRow(ofTrace trace: Int, _ body: (Int) -> Void)
    /// Whether it is certain, without reading the column, that no row's value compares so to the constant. Not asked for
    /// fields of whole traces and trees.
    func excludes(_ operand: Operand, _ symbol: BinaryOperator, _ literal: Literal) -> Bool
    /// Whether it is certain, without reading the column, that no row has a value.
    func isAbsent(_ operand: Operand) -> Bool
    /// The values of an operand, one for each row of its space. Not asked for fields of whole traces and trees
    /// (`Operand.isComputed`).
    func column(_ operand: Operand) -> ValueColumn
    /// Calls `body` with every attribute key of a scope.
    func forEachAttributeKey(in scope: AttributeScope, _ body: (UnsafeRawBufferPointer) -> Void)
    /// Calls `body` with every attribute key of one scope (not `.any`) that some of the spans in `rows` have, their events and
    /// links among them; with a key once or more.
    func forEachAttributeKey(in scope: AttributeScope, of rows: Bitmap, _ body: (UnsafeRawBufferPointer) -> Void)
}
