/// Spans in columns. Rows of one trace need not be neighbours; a span sent twice has one live row.
package protocol SpanTable: Sendable {
    /// Number of rows.
    var spanCount: Int { get }
    /// Number of traces with at least one row.
    var traceCount: Int { get }
    /// First start and last end of all rows, replaced ones too; (max, 0) when there are none.
    var timeBounds: (start: UInt64, end: UInt64) { get }
    /// Largest `traceBounds(_:).start` of all traces; 0 when there is none.
    var latestTraceStart: UInt64 { get }
    /// Which rows count: false for those that a later copy of the span replaces.
    var live: Bitmap { get }
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
    /// Number of distinct strings; string codes are below it.
    var stringCount: Int { get }

    /// Whether any attribute holds an array; the strings in it may have no code.
    var hasArrayValues: Bool { get }

    /// The id of a trace.
    func traceID(_ trace: Int) -> (high: UInt64, low: UInt64)
    /// First start and last end of the trace's rows here.
    func traceBounds(_ trace: Int) -> (start: UInt64, end: UInt64)
    /// Calls `body` with the rows of a trace, in order of arrival, replaced ones too.
    func forEachRow(ofTrace trace: Int, _ body: (Int) -> Void)
    /// The code of a string, if any row may have it.
    func stringCode(_ bytes: UnsafeRawBufferPointer) -> UInt32?
    /// Calls `body` with the bytes of a string, which live for the call.
    func withString(_ code: UInt32, _ body: (UnsafeRawBufferPointer) -> Void)
    /// The values of an operand, one for each row of its space. Not asked for fields of whole traces and trees
    /// (`Operand.isComputed`).
    func column(_ operand: Operand) -> ValueColumn
    /// Calls `body` with every attribute key of a scope.
    func forEachAttributeKey(in scope: AttributeScope, _ body: (UnsafeRawBufferPointer) -> Void)
}
