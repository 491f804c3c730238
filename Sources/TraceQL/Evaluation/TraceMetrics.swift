/// A metrics query: time series computed from spans.
package struct TraceMetrics: Sendable {
    /// The query.
    package let query: Query
    private let plan: MetricsPlan

    /// Prepares a query.
    ///
    /// - Throws: `TraceQLError` when it is not a metrics query or holds what is not evaluated.
    package init(_ query: Query) throws(TraceQLError) {
        self.query = query
        plan = try MetricsPlan(query)
    }

    /// The series, ordered by labels; those of `compare()` by attribute, so that the first of them belong together.
    ///
    /// - Parameters:
    ///   - exemplars: at most so many spans stand for all others, unless a hint of the query says otherwise.
    ///   - memory: what the series are taken from, as long as it exists.
    ///   - progress: told of the series so far, where they do not depend on others: not by arithmetic, nor by `compare()`.
    /// - Throws: `TraceQLError`, `QueryMemory.BudgetExhausted`, `CancellationError`.
    package func run(
        on source: any TraceSource, steps: MetricSteps, exemplars: Int = 0, memory: QueryMemory = QueryMemory(),
        cancellation: QueryCancellation? = nil, progress: QueryProgress<[MetricSeries]>? = nil
    ) throws -> [MetricSeries] {
        let exemplars = self.exemplars(exemplars) / max(plan.pipelines.count, 1)
        return try source.withSnapshot(overlapping: Self.range(steps)) { snapshot in
            let context = QueryContext(
                snapshot, operands: plan.operands, filters: plan.filters, cancellation: cancellation)
            memory.restart()
            let told = Self.told(progress, SeriesStages.sorted)
            switch try evaluate(plan.root, context, steps, exemplars, memory, told) {
            case .number: return []
            case .series(let series): return query.root.isComparison ? series : SeriesStages.sorted(series)
            }
        }
    }

    /// At most `limit` of the series that `run` gave, and how they were chosen when there are more, for people. Of those of
    /// `compare()` each attribute keeps its place, with fewer of its values.
    package func leading(
        _ limit: Int, of series: [MetricSeries]
    ) -> (series: [MetricSeries], choice: String?) {
        if series.count <= limit { return (series, nil) }
        if query.root.isComparison, let (kept, values) = SpanComparison.leading(limit, of: series) {
            return (
                kept,
                "these are the \(values) most frequent value\(values == 1 ? "" : "s") of each attribute, "
                    + "\(kept.count) of \(series.count) series"
            )
        }
        return (Array(series.prefix(limit)), "these are the first \(limit) of \(series.count) series")
    }

    /// A progress that tells of what comes out of `step`.
    private static func told(
        _ progress: QueryProgress<[MetricSeries]>?, _ step: @escaping ([MetricSeries]) -> [MetricSeries]
    ) -> QueryProgress<[MetricSeries]>? {
        guard let progress else { return nil }
        return { done, total, soFar in progress(done, total) { soFar().map(step) } }
    }

    private enum Result {
        case number(Double)
        case series([MetricSeries])
    }

    /// How many exemplars to pick: as many as asked for, fewer when the query's hint wants fewer.
    private func exemplars(_ limit: Int) -> Int {
        for hint in query.hints where hint.name == "exemplars" {
            switch hint.value {
            case .int(let count): return min(Int(clamping: max(count, 0)), limit)
            case .bool(false): return 0
            default: break
            }
        }
        return limit
    }

    private func evaluate(
        _ root: MetricsPlan.Root, _ context: QueryContext, _ steps: MetricSteps, _ exemplars: Int,
        _ memory: QueryMemory, _ progress: QueryProgress<[MetricSeries]>? = nil
    ) throws -> Result {
        switch root {
        case .number(let value): return .number(value)
        case .pipeline(let index):
            let pipeline = plan.pipelines[index]
            let told = Self.told(progress) { SeriesStages.apply(pipeline.stages, to: $0) }
            return .series(
                SeriesStages.apply(
                    pipeline.stages, to: try series(pipeline, context, steps, exemplars, memory, told)))
        case .staged(let inner, let stages):
            let told = Self.told(progress) { SeriesStages.apply(stages, to: $0) }
            guard case .series(let series) = try evaluate(inner, context, steps, exemplars, memory, told) else {
                return .series([])
            }
            return .series(SeriesStages.apply(stages, to: series))
        case .arithmetic(let symbol, let left, let right):
            return Self.combine(
                symbol, try evaluate(left, context, steps, exemplars, memory),
                try evaluate(right, context, steps, exemplars, memory))
        }
    }

    // MARK: Spans to series

    private func series(
        _ pipeline: MetricsPlan.Pipeline, _ context: QueryContext, _ steps: MetricSteps, _ exemplars: Int,
        _ memory: QueryMemory, _ progress: QueryProgress<[MetricSeries]>?
    ) throws -> [MetricSeries] {
        let spans = PipelineSpans(
            plan: pipeline.selection, context: context, range: Self.range(steps), memory: memory)
        if let comparison = pipeline.comparison {
            return try SpanComparison(plan: comparison, steps: steps, context: context, memory: memory).series(spans)
        }
        var collector = Collector(pipeline: pipeline, steps: steps, exemplars: exemplars, memory: memory)
        let total = progress == nil ? 0 : context.tables(overlapping: Self.range(steps)).count
        var (done, current) = (0, -1)
        func report() {
            progress?(done, total) { context.snapshot.trusted { collector.soFar(context.operands) } }
        }
        try spans.forEach { table, rows in
            collector.add(table, rows)
            done += 1
            report()
        } row: { table, row in
            if table.index != current {
                if current >= 0 {
                    done = min(done + 1, total)
                    report()
                }
                current = table.index
            }
            collector.add(table, row: row)
        }
        let series = collector.series(context.operands)
        try memory.check()
        return series
    }

    /// The starts of the spans that count.
    private static func range(_ steps: MetricSteps) -> TimeRange {
        TimeRange(start: steps.first - min(steps.first, steps.step), end: steps.time(steps.count - 1))
    }

    private struct Collector {
        let pipeline: MetricsPlan.Pipeline
        let steps: MetricSteps
        let memory: QueryMemory
        var groups: SeriesGroups
        var accumulators: [SeriesAccumulator] = []
        var picker: ExemplarPicker

        init(pipeline: MetricsPlan.Pipeline, steps: MetricSteps, exemplars: Int, memory: QueryMemory) {
            self.pipeline = pipeline
            self.steps = steps
            self.memory = memory
            groups = SeriesGroups(slots: pipeline.by)
            picker = ExemplarPicker(count: exemplars, steps: steps.count)
        }

        mutating func add(_ context: TableContext, _ rows: Bitmap) {
            if rows.isEmpty { return }
            let starts = context.startTimes
            rows.forEach { add(context, row: $0, start: starts[$0]) }
        }

        mutating func add(_ context: TableContext, row: Int) {
            add(context, row: row, start: context.startTimes[row])
        }

        private mutating func add(_ context: TableContext, row: Int, start: UInt64) {
            guard !memory.isExhausted, let step = steps.index(of: start) else { return }
            var number = 0.0
            if let argument = pipeline.argument {
                // NaN has no place in an order, and no bucket.
                guard let value = context.value(argument, row: row).number, !value.isNaN else { return }
                number = value
            }
            let group = groups.number(context, row: row)
            while accumulators.count <= group {
                let labels = groups.keys[accumulators.count].reduce(0) { $0 + 64 + ($1.text?.count ?? 0) }
                let kind = pipeline.function.kind
                guard memory.take(labels + SeriesAccumulator.memory(kind, steps: steps.count)) else { return }
                accumulators.append(SeriesAccumulator(kind, steps: steps.count))
            }
            let growth = accumulators[group].add(number, step: step)
            if growth > 0 { memory.take(growth) }
            if picker.hasRoom(step) {
                let value = pipeline.argument == nil ? nil : number / pipeline.divisor
                picker.pick(context, row: row, group: group, step: step, value: value)
            }
        }

        /// What was collected, to be looked at and let go; nil when there is no memory for it.
        func soFar(_ operands: [Operand]) -> [MetricSeries]? {
            memory.briefly(accumulators.reduce(0) { $0 + bytes($1) }) { series(operands) }
        }

        /// Bytes of the series that an accumulator becomes.
        private func bytes(_ accumulator: SeriesAccumulator) -> Int {
            accumulator.seriesCount * (steps.count * 8 + 128)
        }

        /// The labels of a group: those that its spans have, or the first with `nil` when they have none of them.
        private func labels(_ values: [Value], _ operands: [Operand]) -> [(key: String, value: Value)] {
            let named = zip(pipeline.by.map { operands[$0] }, values)
            let labels = named.compactMap { operand, value in
                value == .missing ? nil : (key: operand.description, value: operand.shown(value))
            }
            guard labels.isEmpty, let first = pipeline.by.first else { return labels }
            return [(key: operands[first].description, value: Value("nil"))]
        }

        /// What was collected; not all of it when there was no memory for it.
        func series(_ operands: [Operand]) -> [MetricSeries] {
            var result: [MetricSeries] = []
            for (group, (values, accumulator)) in zip(groups.keys, accumulators).enumerated() {
                let labels = self.labels(values, operands)
                guard memory.take(bytes(accumulator)) else { return result }
                let found = accumulator.series(stepSeconds: Double(steps.step) / 1e9, divisor: pipeline.divisor)
                let exemplars = picker.exemplars(group: group, of: found, isHistogram: accumulator.isHistogram)
                for (series, exemplars) in zip(found, exemplars) {
                    var all = labels
                    if let label = series.label { all.append((key: label.0, value: label.1)) }
                    if all.isEmpty { all.append((key: "__name__", value: Value(pipeline.function.name))) }
                    result.append(MetricSeries(labels: all, values: series.values, exemplars: exemplars))
                }
            }
            return result
        }
    }

    // MARK: Arithmetic between series

    /// Series meet on equal labels; a side with one unlabelled series meets every series of the other.
    private static func combine(_ symbol: BinaryOperator, _ left: Result, _ right: Result) -> Result {
        switch (left, right) {
        case (.number(let first), .number(let second)): return .number(compute(symbol, first, second))
        case (.series(let series), .number(let number)):
            return .series(series.map { one in map(one) { compute(symbol, $0, number) } })
        case (.number(let number), .series(let series)):
            return .series(series.map { one in map(one) { compute(symbol, number, $0) } })
        case (.series(let first), .series(let second)):
            if let broadcast = single(second) { return .series(first.map { join(symbol, $0, broadcast, labels: $0) }) }
            if let broadcast = single(first) { return .series(second.map { join(symbol, broadcast, $0, labels: $0) }) }
            let partners = Dictionary(
                second.map { (SeriesStages.key($0), $0) }, uniquingKeysWith: { first, _ in first })
            return .series(
                first.compactMap { one in
                    partners[SeriesStages.key(one)].map { join(symbol, one, $0, labels: one) }
                })
        }
    }

    private static func single(_ series: [MetricSeries]) -> MetricSeries? {
        guard series.count == 1, let only = series.first, only.labels.allSatisfy({ $0.key == "__name__" }) else {
            return nil
        }
        return only
    }

    private static func map(_ series: MetricSeries, _ body: (Double) -> Double) -> MetricSeries {
        MetricSeries(
            labels: series.labels, values: series.values.map(body),
            exemplars: series.exemplars.map { one in
                MetricExemplar(traceID: one.traceID, time: one.time, value: one.value.map(body))
            })
    }

    private static func join(
        _ symbol: BinaryOperator, _ left: MetricSeries, _ right: MetricSeries, labels: MetricSeries
    ) -> MetricSeries {
        var names = labels.labels
        if let own = name(left), let other = name(right) {
            names = [(key: "__name__", value: Value("(\(own) \(symbol.rawValue) \(other))"))]
        }
        // What a span adds to one side says nothing of the result: they stand where the result does.
        return MetricSeries(
            labels: names, values: zip(left.values, right.values).map { compute(symbol, $0, $1) },
            exemplars: labels.exemplars.map { MetricExemplar(traceID: $0.traceID, time: $0.time, value: nil) })
    }

    /// The name of a series that has no labels but its name.
    private static func name(_ series: MetricSeries) -> String? {
        guard series.labels.count == 1, let only = series.labels.first, only.key == "__name__" else { return nil }
        return only.value.shown
    }

    private static func compute(_ symbol: BinaryOperator, _ left: Double, _ right: Double) -> Double {
        switch symbol {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: right == 0 ? .nan : left / right
        default: .nan
        }
    }
}
