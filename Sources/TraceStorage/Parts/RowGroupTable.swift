import MartletCore
import TraceQL

/// A row group as the query engine sees it. What cannot be read is reported and marked in the snapshot's flag; what the
/// engine gets then is of the right size and not to be trusted.
struct RowGroupTable: SpanTable {
    let group: RowGroup
    let limits: AttributeLimits
    let failures: GroupFailures
    /// Set when the snapshot met damage.
    let damaged: DamageFlag
    let use: GroupReads.Use

    private var summary: GroupSummary { group.summary }

    private func read<Value>(_ fallback: @autoclosure () -> Value, _ body: () throws(PartDamage) -> Value) -> Value {
        use.noteRead()
        return attempt(fallback(), body)
    }

    private func attempt<Value>(_ fallback: @autoclosure () -> Value, _ body: () throws(PartDamage) -> Value) -> Value {
        if damaged.hasFailed { return fallback() }
        do throws(PartDamage) {
            return try body()
        } catch {
            if error.isUnreachable {
                damaged.fail(error)
            } else {
                failures.report(error, group.file, group.index)
                damaged.set()
            }
            return fallback()
        }
    }

    var spanCount: Int { summary.rows }
    var traceCount: Int { summary.traces }
    var timeBounds: (start: UInt64, end: UInt64) { (summary.start, summary.end) }
    var latestTraceStart: UInt64 { summary.latestTraceStart }

    private func zeros<Element: FixedWidthInteger>(_ count: Int) -> [Element] { [Element](repeating: 0, count: count) }

    var traceNumbers: [UInt32] {
        read(zeros(summary.rows)) { () throws(PartDamage) in try group.traceNumbers() }
    }
    var spanIDs: [UInt64] { read(zeros(summary.rows)) { () throws(PartDamage) in try group.spanIDs() } }
    var parentIDs: [UInt64] { read(zeros(summary.rows)) { () throws(PartDamage) in try group.parentIDs() } }
    var startTimes: [UInt64] { read(zeros(summary.rows)) { () throws(PartDamage) in try group.startTimes() } }
    var durations: [Int64] { read(zeros(summary.rows)) { () throws(PartDamage) in try group.durations() } }
    var kinds: [UInt64] {
        read(zeros(summary.rows)) { () throws(PartDamage) in try group.integers(.kinds, count: summary.rows) }
    }
    var eventOffsets: [UInt32] {
        read(zeros(summary.rows + 1)) { () throws(PartDamage) in
            try group.childOffsets(.eventCounts, total: summary.events)
        }
    }
    var linkOffsets: [UInt32] {
        read(zeros(summary.rows + 1)) { () throws(PartDamage) in
            try group.childOffsets(.linkCounts, total: summary.links)
        }
    }

    func traceID(_ trace: Int) -> (high: UInt64, low: UInt64) {
        read((0, 0)) { () throws(PartDamage) in
            try group.file.id(ofTrace: group.file.firstTraces[group.index] + trace)
        }
    }

    var traceBounds: [(start: UInt64, end: UInt64)] {
        read([(start: UInt64, end: UInt64)](repeating: (0, 0), count: summary.traces)) { () throws(PartDamage) in
            try group.traceBounds()
        }
    }

    func forEachRow(ofTrace trace: Int, _ body: (Int) -> Void) {
        let firsts = read([]) { () throws(PartDamage) in try group.firstRows() }
        guard trace + 1 < firsts.count else { return }
        for row in firsts[trace]..<firsts[trace + 1] { body(row) }
    }

    func column(_ operand: Operand) -> ValueColumn {
        let columns = RowGroupColumns(group: group, limits: limits)
        return read(columns.empty(operand)) { () throws(PartDamage) in
            try group.cached(
                .operand(operand), memory: { $0.memory },
                { () throws(PartDamage) in try columns.column(operand) })
        }
    }

    func excludes(_ operand: Operand, _ symbol: BinaryOperator, _ literal: Literal) -> Bool {
        use.noteAsked()
        return attempt(false) { () throws(PartDamage) in
            try RowGroupStatistics(group: group, limits: limits, failures: failures).excludes(operand, symbol, literal)
        }
    }

    func isAbsent(_ operand: Operand) -> Bool {
        use.noteAsked()
        return attempt(false) { () throws(PartDamage) in
            try RowGroupStatistics(group: group, limits: limits, failures: failures).isAbsent(operand)
        }
    }

    func forEachAttributeKey(in scope: AttributeScope, _ body: (UnsafeRawBufferPointer) -> Void) {
        read(()) { () throws(PartDamage) in
            for (table, owner) in RowGroupColumns.tables where scope == owner || scope == .any {
                for slot in try group.attributes(table).slots { slot.key.withUnsafeBytes(body) }
            }
            let columns = RowGroupColumns(group: group, limits: limits)
            if scope == .resource || scope == .any { try columns.contexts().forEachKey(.resource, body) }
            if scope == .instrumentation || scope == .any { try columns.contexts().forEachKey(.instrumentation, body) }
        }
    }

    func forEachAttributeKey(in scope: AttributeScope, of rows: Bitmap, _ body: (UnsafeRawBufferPointer) -> Void) {
        read(()) { () throws(PartDamage) in
            let columns = RowGroupColumns(group: group, limits: limits)
            guard let (table, _) = RowGroupColumns.tables.first(where: { $0.1 == scope }) else {
                return try columns.contexts().forEachKey(scope, of: columns.contexts(of: rows), body)
            }
            for slot in try columns.slots(table, of: rows) { slot.key.withUnsafeBytes(body) }
        }
    }
}
