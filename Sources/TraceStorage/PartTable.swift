import MartletCore
import TraceQL

/// A part as the query engine sees it.
struct PartTable: SpanTable {
    let box: PartBox
    let overlay: PartOverlay
    let live: Bitmap

    private var part: MemoryPart { box.part }

    init(_ box: PartBox, _ overlay: PartOverlay) {
        self.box = box
        self.overlay = overlay
        var live = Bitmap(count: box.part.count, repeating: true)
        overlay.dead?.forEach { live[$0] = false }
        self.live = live
    }

    private static func offsets(_ rows: [UInt32], rows count: Int) -> [UInt32] {
        var offsets = [UInt32](repeating: 0, count: count + 1)
        if rows.isEmpty { return offsets }
        for row in rows { offsets[Int(row) + 1] += 1 }
        for row in 0..<count { offsets[row + 1] += offsets[row] }
        return offsets
    }

    var eventOffsets: [UInt32] { Self.offsets(part.eventRows, rows: part.count) }
    var linkOffsets: [UInt32] { Self.offsets(part.linkRows, rows: part.count) }
    var spanCount: Int { part.count }
    var traceCount: Int { part.traces.count }
    var timeBounds: (start: UInt64, end: UInt64) { (part.earliestStart, part.latestEnd) }
    var latestTraceStart: UInt64 { part.latestTraceStart }
    var traceNumbers: [UInt32] { part.traceNumbers }
    var spanIDs: [UInt64] { part.spanIDs }
    var parentIDs: [UInt64] { part.parentIDs }
    var startTimes: [UInt64] { part.startTimes }
    var durations: [Int64] { part.durations }
    var stringCount: Int { part.symbols.count }
    var hasArrayValues: Bool { part.hasArrays }

    func traceID(_ trace: Int) -> (high: UInt64, low: UInt64) { (part.traces[trace].high, part.traces[trace].low) }

    func traceBounds(_ trace: Int) -> (start: UInt64, end: UInt64) {
        overlay.bounds[trace] ?? (part.traces[trace].start, part.traces[trace].end)
    }

    func forEachRow(ofTrace trace: Int, _ body: (Int) -> Void) {
        var row = part.traces[trace].firstRow
        while row != .max {
            body(Int(row))
            row = part.nextRows[Int(row)]
        }
    }

    func stringCode(_ bytes: UnsafeRawBufferPointer) -> UInt32? { part.symbols.lookup(bytes) }

    func withString(_ code: UInt32, _ body: (UnsafeRawBufferPointer) -> Void) { part.symbols.withBytes(of: code, body) }

    func forEachAttributeKey(in scope: AttributeScope, _ body: (UnsafeRawBufferPointer) -> Void) {
        let use: UInt8 =
            switch scope {
            case .any: .max
            case .span: MemoryPart.KeyUse.span
            case .resource: MemoryPart.KeyUse.resource
            case .event: MemoryPart.KeyUse.event
            case .link: MemoryPart.KeyUse.link
            case .instrumentation: MemoryPart.KeyUse.scope
            }
        for symbol in part.keyUses.indices where part.keyUses[symbol] & use != 0 {
            part.symbols.withBytes(of: UInt32(symbol), body)
        }
    }

    func column(_ operand: Operand) -> ValueColumn {
        switch operand {
        case .intrinsic(let intrinsic): PartColumns(part: part).column(of: intrinsic)
        case .attribute(let scope, let key): PartColumns(part: part).column(of: scope, key)
        case .parent: ValueColumn(count: part.count)
        }
    }
}
