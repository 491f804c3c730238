import MartletCore

/// A search for traces: the newest ones that match, exactly.
package struct TraceSearch: Sendable {
    /// The query.
    package let query: Query
    private let plan: PipelinePlan
    private let operands: [Operand]
    private let filters: [FilterPlan]

    /// Prepares a query.
    ///
    /// - Throws: `TraceQLError` when the query answers with series or holds a bad regular expression.
    package init(_ query: Query) throws(TraceQLError) {
        guard case .pipeline(let stages) = query.root, !query.isMetrics else {
            throw TraceQLError(.type, "\"\(query)\" is a metrics query; ask for it at the metrics endpoint")
        }
        self.query = query
        var builder = PlanBuilder()
        plan = try PipelinePlan(stages, &builder)
        for operand in [Operand.serviceName, .intrinsic(.name), .intrinsic(.status)] { _ = builder.slot(of: operand) }
        operands = builder.operands
        filters = builder.filters
    }

    /// How much to return.
    package struct Limits: Sendable {
        /// Traces.
        package let traces: Int
        /// Spans in each spanset.
        package let spans: Int

        /// Tempo's defaults unless given.
        package init(traces: Int = 20, spans: Int = 3) {
            self.traces = traces
            self.spans = spans
        }
    }

    /// Filter applied to whole traces beside the query.
    package struct TraceFilter: Sendable {
        /// Shortest and longest duration of the trace, nanoseconds.
        package let durations: ClosedRange<UInt64>

        /// Every trace unless given.
        package init(durations: ClosedRange<UInt64> = 0...UInt64.max) {
            self.durations = durations
        }
    }

    /// The traces that overlap `range` and match, newest start first, ties by id.
    ///
    /// - Parameter progress: told of the newest so far; from the beginning again when a table turns out to be damaged.
    /// - Throws: `TraceQLError`, `CancellationError`.
    package func run(
        on source: any TraceSource, range: TimeRange, limits: Limits = Limits(), filter: TraceFilter = TraceFilter(),
        cancellation: QueryCancellation? = nil, progress: QueryProgress<[FoundTrace]>? = nil
    ) throws -> [FoundTrace] {
        try source.withSnapshot(overlapping: range) { snapshot in
            try run(on: snapshot, range, limits, filter, cancellation, progress)
        }
    }

    private func run(
        on snapshot: any TraceSnapshot, _ range: TimeRange, _ limits: Limits, _ filter: TraceFilter,
        _ cancellation: QueryCancellation?, _ progress: QueryProgress<[FoundTrace]>?
    ) throws -> [FoundTrace] {
        let context = QueryContext(
            snapshot, operands: operands, filters: filters, cancellation: cancellation)
        let evaluator = PipelineEvaluator(query: context, plan: plan)
        var best = Newest(limit: limits.traces)
        var seen: Set<TraceKey> = []
        let isInRange = snapshot.tables.map { table in
            let bounds = table.timeBounds
            return table.spanCount == 0 || range.overlaps(bounds.start, bounds.end)
        }
        let order = snapshot.tables.indices.sorted {
            snapshot.tables[$0].latestTraceStart > snapshot.tables[$1].latestTraceStart
        }
        let total = isInRange.reduce(0) { $0 + ($1 ? 1 : 0) }
        var done = 0
        func report() {
            progress?(done, total) {
                snapshot.trusted { best.found.map { present($0.trace, $0.sets, limits, context) } }
            }
        }
        for index in order {
            try cancellation?.check()
            if best.isClosed(to: snapshot.tables[index].latestTraceStart) { break }
            guard isInRange[index] else { continue }
            let table = context.context(index)
            var candidates: [(start: UInt64, trace: Int)] = []
            Self.traces(of: table, matching: evaluator, isInRange).forEach { trace in
                let ref = TraceRef(table: index, trace: trace)
                let bounds =
                    snapshot.isFragment(ref)
                    ? context.bounds(snapshot.fragments(of: ref)) : table.traceBounds[trace]
                candidates.append((bounds.start, trace))
            }
            candidates.sort { $0.start > $1.start }
            for candidate in candidates {
                try cancellation?.check()
                if best.isClosed(to: candidate.start) { break }
                let ref = TraceRef(table: index, trace: candidate.trace)
                if snapshot.isFragment(ref) {
                    guard seen.insert(TraceKey(snapshot.tables[index].traceID(candidate.trace))).inserted else {
                        continue
                    }
                }
                let trace = context.trace(ref)
                let duration = trace.bounds.end - min(trace.bounds.start, trace.bounds.end)
                guard range.overlaps(trace.bounds.start, trace.bounds.end), filter.durations.contains(duration) else {
                    continue
                }
                let sets = try evaluator.evaluate(trace)
                if !sets.isEmpty {
                    best.insert(trace, sets)
                    report()
                }
            }
            done += 1
            report()
        }
        return best.found.map { present($0.trace, $0.sets, limits, context) }
    }

    /// The traces of a table that may match. What matches of a trace may also lie in a table beside the range, whose traces
    /// are not looked at for themselves.
    private static func traces(
        of table: TableContext, matching evaluator: PipelineEvaluator, _ isInRange: [Bool]
    ) -> Bitmap {
        var traces = evaluator.candidates(in: table)
        guard isInRange.contains(false) else { return traces }
        for trace in 0..<table.table.traceCount where !traces[trace] {
            let ref = TraceRef(table: table.index, trace: trace)
            guard table.snapshot.isFragment(ref) else { continue }
            if table.snapshot.fragments(of: ref).contains(where: { !isInRange[$0.table] }) { traces[trace] = true }
        }
        return traces
    }

    // MARK: Presentation

    private func present(
        _ trace: TraceView, _ sets: [PipelineEvaluator.Spanset], _ limits: Limits, _ query: QueryContext
    ) -> FoundTrace {
        var services: [[UInt8]: (spans: Int, errors: Int)] = [:]
        for span in trace.spans {
            // A span without a service counts too, under the empty name.
            let service = query.field(.serviceName, span).text ?? []
            services[service, default: (0, 0)].spans += 1
            if query.field(.intrinsic(.status), span) == Value("error") { services[service]?.errors += 1 }
        }
        let root = query.root(trace.fragments)
        return FoundTrace(
            id: trace.id,
            rootServiceName: root.flatMap { query.field(.serviceName, $0).text },
            rootName: root.map { query.field(.intrinsic(.name), $0).text ?? [] },
            start: trace.bounds.start, duration: trace.bounds.end - min(trace.bounds.start, trace.bounds.end),
            spanSets: sets.map { present($0, trace, limits.spans, query) },
            services: services.map { ($0.key, $0.value.spans, $0.value.errors) }
                .sorted { $0.name.lexicographicallyPrecedes($1.name) })
    }

    private func present(
        _ set: PipelineEvaluator.Spanset, _ trace: TraceView, _ limit: Int, _ query: QueryContext
    ) -> FoundSpanSet {
        let starts = set.spans.map { index in
            (start: query.context(Int(trace.spans[index].table)).startTimes[Int(trace.spans[index].row)], index: index)
        }
        let first = starts.sorted { $0 < $1 }.prefix(limit)
        return FoundSpanSet(
            spans: first.map { present(trace.spans[$0.index], query) }, matched: set.spans.count,
            attributes: set.attributes)
    }

    private func present(_ span: SpanRef, _ query: QueryContext) -> FoundSpan {
        let context = query.context(Int(span.table))
        let row = Int(span.row)
        var attributes: [(key: String, value: Value)] = []
        for slot in plan.shown
        where query.operands[slot] != .intrinsic(.name) && query.operands[slot] != .intrinsic(.duration) {
            let value = context.value(slot, row: row)
            if value == .missing { continue }
            attributes.append((key: query.operands[slot].resultKey, value: query.operands[slot].shown(value)))
        }
        return FoundSpan(
            id: context.spanIDs[row], name: query.field(.intrinsic(.name), span).text ?? [],
            start: context.startTimes[row],
            duration: context.durations[row], attributes: attributes)
    }
}

extension TraceSearch {
    /// The `limit` newest matches so far, newest first.
    fileprivate struct Newest {
        let limit: Int
        private(set) var found: [(trace: TraceView, sets: [PipelineEvaluator.Spanset])] = []

        init(limit: Int) {
            self.limit = limit
        }

        /// Whether no trace that starts at `start` or before can get in.
        func isClosed(to start: UInt64) -> Bool {
            found.count >= limit && (found.last.map { $0.trace.bounds.start > start } ?? true)
        }

        mutating func insert(_ trace: TraceView, _ sets: [PipelineEvaluator.Spanset]) {
            let place = found.indices.partitioningIndex { !Self.precedes(found[$0].trace, trace) }
            found.insert((trace, sets), at: place)
            if found.count > limit { found.removeLast() }
        }

        private static func precedes(_ left: TraceView, _ right: TraceView) -> Bool {
            (left.bounds.start, left.id.high, left.id.low) > (right.bounds.start, right.id.high, right.id.low)
        }
    }
}

extension Value {
    /// The bytes of a string.
    package var text: [UInt8]? {
        if case .string(let bytes) = self { bytes } else { nil }
    }
}
