/// One run of one query over one snapshot: the tables' contexts and the way from a trace to its spans.
///
/// Belongs to one thread.
final class QueryContext {
    let snapshot: any TraceSnapshot
    let operands: [Operand]
    let filters: [FilterPlan]
    let cancellation: QueryCancellation?
    private var contexts: [TableContext?]
    /// The rows that count, of each table that was asked: kept when its context goes, since finding copies costs far more than
    /// these bits, and a trace may lie in more tables than contexts are held.
    private var live: [Bitmap?]
    /// Indices of the contexts held, oldest first: columns of a large store must not all lie in memory at once.
    private var held: [Int] = []
    private static let maximumHeld = 16

    init(
        _ snapshot: any TraceSnapshot, operands: [Operand], filters: [FilterPlan], cancellation: QueryCancellation?
    ) {
        self.snapshot = snapshot
        self.operands = operands
        self.filters = filters
        self.cancellation = cancellation
        contexts = [TableContext?](repeating: nil, count: snapshot.tables.count)
        live = [Bitmap?](repeating: nil, count: snapshot.tables.count)
    }

    /// The context of a table, made when first asked for.
    func context(_ index: Int) -> TableContext {
        if let known = contexts[index] { return known }
        let made = TableContext(snapshot.tables[index], index: index, query: self)
        contexts[index] = made
        held.append(index)
        if held.count > Self.maximumHeld { contexts[held.removeFirst()] = nil }
        return made
    }

    /// The rows of a table that count.
    func live(_ index: Int) -> Bitmap {
        if let known = live[index] { return known }
        let found = snapshot.live(index)
        live[index] = found
        return found
    }

    /// Lets go what was computed of a table that is done with.
    func forget(_ index: Int) {
        contexts[index] = nil
        held.removeAll { $0 == index }
    }

    /// The tables that have spans in a range.
    func tables(overlapping range: TimeRange) -> [Int] {
        snapshot.tables.indices.filter { index in
            let bounds = snapshot.tables[index].timeBounds
            return range.overlaps(bounds.start, bounds.end)
        }
    }

    /// The whole trace that lies at `ref`.
    func trace(_ ref: TraceRef) -> TraceView {
        let refs = snapshot.isFragment(ref) ? snapshot.fragments(of: ref) : [ref]
        var spans: [SpanRef] = []
        for fragment in refs {
            let context = context(fragment.table)
            context.table.forEachRow(ofTrace: fragment.trace) { row in
                if context.live[row] { spans.append(SpanRef(table: Int32(fragment.table), row: Int32(row))) }
            }
        }
        return TraceView(
            id: snapshot.tables[ref.table].traceID(ref.trace), fragments: refs, spans: spans, bounds: bounds(refs))
    }

    /// First start and last end of a whole trace.
    func bounds(_ fragments: [TraceRef]) -> (start: UInt64, end: UInt64) {
        if fragments.count == 1 { return context(fragments[0].table).traceBounds[fragments[0].trace] }
        // Of a trace in several tables some rows may be replaced.
        var bounds: (start: UInt64, end: UInt64) = (.max, 0)
        for fragment in fragments {
            let context = context(fragment.table)
            context.table.forEachRow(ofTrace: fragment.trace) { row in
                guard context.live[row] else { return }
                let start = context.startTimes[row]
                bounds.start = min(bounds.start, start)
                bounds.end = max(bounds.end, max(start, start &+ UInt64(bitPattern: context.durations[row])))
            }
        }
        return bounds
    }

    /// The earliest span without parent of a whole trace.
    func root(_ fragments: [TraceRef]) -> SpanRef? {
        var best: (start: UInt64, span: SpanRef)?
        for fragment in fragments {
            let context = context(fragment.table)
            let row = context.roots()[fragment.trace]
            guard row >= 0 else { continue }
            let start = context.startTimes[Int(row)]
            if best.map({ start < $0.start }) ?? true {
                best = (start, SpanRef(table: Int32(fragment.table), row: row))
            }
        }
        return best?.span
    }

    /// The value of a plan for a span.
    func value(_ plan: ValuePlan, _ span: SpanRef) -> Value {
        context(Int(span.table)).value(plan, row: Int(span.row))
    }

    /// A field by its operand; missing when it is none of the query's.
    func field(_ operand: Operand, _ span: SpanRef) -> Value {
        if let slot = operands.firstIndex(of: operand) {
            return context(Int(span.table)).value(slot, row: Int(span.row))
        }
        return .missing
    }
}
