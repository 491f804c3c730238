import TraceQL

/// Stands for a table that is left out, so that the others keep their places.
struct EmptyTable: SpanTable {
    var spanCount: Int { 0 }
    var traceCount: Int { 0 }
    var timeBounds: (start: UInt64, end: UInt64) { (.max, 0) }
    var latestTraceStart: UInt64 { 0 }
    var traceNumbers: [UInt32] { [] }
    var spanIDs: [UInt64] { [] }
    var parentIDs: [UInt64] { [] }
    var startTimes: [UInt64] { [] }
    var durations: [Int64] { [] }
    var eventOffsets: [UInt32] { [0] }
    var linkOffsets: [UInt32] { [0] }

    func traceID(_ trace: Int) -> (high: UInt64, low: UInt64) { (0, 0) }
    var traceBounds: [(start: UInt64, end: UInt64)] { [] }
    func forEachRow(ofTrace trace: Int, _ body: (Int) -> Void) {}
    func excludes(_ operand: Operand, _ symbol: BinaryOperator, _ literal: Literal) -> Bool { true }
    func isAbsent(_ operand: Operand) -> Bool { true }
    func column(_ operand: Operand) -> ValueColumn { ValueColumn(count: 0) }
    func forEachAttributeKey(in scope: AttributeScope, _ body: (UnsafeRawBufferPointer) -> Void) {}
    func forEachAttributeKey(in scope: AttributeScope, of rows: Bitmap, _ body: (UnsafeRawBufferPointer) -> Void) {}
}
