import MartletCore
import TraceQL

/// A part as the query engine sees it.
struct PartTable: SpanTable {
    let box: PartBox
    let overlay: PartOverlay

    private var part: MemoryPart { box.part }

    init(_ box: PartBox, _ overlay: PartOverlay) {
        self.box = box
        self.overlay = overlay
    }

    /// Whether other tables of the same memory hold spans of the trace.
    func isFragment(_ trace: Int) -> Bool {
        !part.traces[trace].older.isNone || !overlay.newer(than: trace).isNone
    }

    /// The rows that no later row of the same store's memory replaces.
    var live: Bitmap {
        var live = Bitmap(count: box.part.count, repeating: true)
        overlay.dead?.forEach { live[$0] = false }
        return live
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

    func traceID(_ trace: Int) -> (high: UInt64, low: UInt64) { (part.traces[trace].high, part.traces[trace].low) }

    var traceBounds: [(start: UInt64, end: UInt64)] {
        var bounds = part.traces.map { (start: $0.start, end: $0.end) }
        for trace in overlay.lost.keys { bounds[trace] = overlay.bounds(of: trace, in: part) }
        return bounds
    }

    func forEachRow(ofTrace trace: Int, _ body: (Int) -> Void) {
        var row = part.traces[trace].firstRow
        while row != .max {
            body(Int(row))
            row = part.nextRows[Int(row)]
        }
    }

    func excludes(_ operand: Operand, _ symbol: BinaryOperator, _ literal: Literal) -> Bool {
        if isAbsent(operand) { return true }
        guard symbol == .equal, case .string(let text) = literal, !part.hasArrays else { return false }
        switch operand {
        case .intrinsic(.linkTraceID), .intrinsic(.linkSpanID): return false
        default: return part.symbols.lookup(text) == nil
        }
    }

    func isAbsent(_ operand: Operand) -> Bool {
        guard case .attribute(_, let key) = operand else { return false }
        return part.symbols.lookup(key) == nil
    }

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

    func forEachAttributeKey(in scope: AttributeScope, of rows: Bitmap, _ body: (UnsafeRawBufferPointer) -> Void) {
        var keys = Bitmap(count: part.keyUses.count)
        switch scope {
        case .span:
            rows.forEach { row in
                let end = row + 1 < part.count ? Int(part.attributeStarts[row + 1]) : part.words.count
                AttributeWord.forEachKey(part.words[Int(part.attributeStarts[row])..<end]) { keys[Int($0)] = true }
            }
        case .event:
            for (row, event) in zip(part.eventRows, part.events) where rows[Int(row)] { mark(event.attributes, &keys) }
        case .link:
            for (row, link) in zip(part.linkRows, part.links) where rows[Int(row)] { mark(link.attributes, &keys) }
        case .resource, .instrumentation:
            var contexts = Bitmap(count: part.contexts.count)
            rows.forEach { contexts[Int(part.contextNumbers[$0])] = true }
            contexts.forEach { part.contexts[$0].markKeys(scope, of: part, &keys) }
        case .any: break
        }
        keys.forEach { part.symbols.withBytes(of: UInt32($0), body) }
    }

    private func mark(_ bounds: Range<UInt32>, _ keys: inout Bitmap) {
        let words = part.sharedWords[Int(bounds.lowerBound)..<Int(bounds.upperBound)]
        AttributeWord.forEachKey(words) { keys[Int($0)] = true }
    }

    func column(_ operand: Operand) -> ValueColumn { PartColumns(box).column(operand) }
}
