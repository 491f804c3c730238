/// Where the engine takes its spans from.
package protocol TraceSource: Sendable {
    /// What is stored at this moment and may overlap `range`; it does not change while it is held.
    func snapshot(overlapping range: TimeRange) throws -> any TraceSnapshot
}

/// Unix nanoseconds, both ends included.
package struct TimeRange: Hashable, Sendable {
    /// First nanosecond.
    package let start: UInt64
    /// Last nanosecond.
    package let end: UInt64

    /// All of time.
    package static let always = TimeRange(start: 0, end: .max)

    /// A range; `end` is not before `start`.
    package init(start: UInt64, end: UInt64) {
        self.start = start
        self.end = Swift.max(start, end)
    }

    /// Whether two ranges have a nanosecond in common.
    package func overlaps(_ start: UInt64, _ end: UInt64) -> Bool {
        start <= self.end && end >= self.start
    }

    /// Whether the instant lies inside.
    package func contains(_ instant: UInt64) -> Bool { instant >= start && instant <= end }
}

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

/// A consistent view of the stored spans, as tables.
package protocol TraceSnapshot: Sendable {
    /// The tables, in any order.
    var tables: [any SpanTable] { get }
    /// Whether other tables hold spans of the same trace.
    func isFragment(_ ref: TraceRef) -> Bool
    /// All places of the trace, this one included, oldest arrival first.
    func fragments(of ref: TraceRef) -> [TraceRef]
}

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

extension Operand {
    /// Whether all texts of the field have codes in the table's dictionary, so that a text without a code is nowhere.
    var isInDictionary: Bool {
        if case .intrinsic(.linkTraceID) = self { return false }
        if case .intrinsic(.linkSpanID) = self { return false }
        return !isComputed
    }

    /// Whether the engine derives the field from others: it depends on the whole trace or on ids.
    package var isComputed: Bool {
        guard case .intrinsic(let intrinsic) = self else { return false }
        switch intrinsic {
        case .traceDuration, .rootName, .rootServiceName, .traceID, .spanID, .spanParentID, .childCount, .nestedSetLeft,
            .nestedSetRight, .nestedSetParent:
            return true
        default:
            return false
        }
    }
}
