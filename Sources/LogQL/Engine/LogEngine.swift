import MartletCore
import SampleMath

/// Evaluates LogQL over a source. All calls are synchronous and may take long: run them on a thread made for that.
package struct LogEngine: Sendable {
    /// What a query may ask for.
    package struct Limits: Sendable {
        /// Series in a result; 0 for no limit.
        package var maxSeries = 500

        /// Loki's defaults.
        package init() {}
    }

    /// Lines that a query with an interval looks at in one go, unless its limit is higher.
    private static let spacedAtOnce = 1 << 14
    /// About how many lines cost as much as a search: where so many lie between two that are kept, each is searched for by itself.
    private static let linesPerSearch = 256

    let source: any LogSource
    package var limits: Limits

    /// An engine over `source`.
    package init(_ source: any LogSource, limits: Limits = Limits()) {
        self.source = source
        self.limits = limits
    }

    /// The series of a metric query at `start`, `start + step` … up to `end` (nanoseconds). A number gives one series
    /// without labels.
    package func matrix(
        _ expression: QueryExpression, start: Int64, end: Int64, step: Int64, context: LogQueryContext
    ) throws(LogQueryError) -> SeriesMatrix {
        // Far from the edges of 64 bits, so that windows and offsets can be added without a thought.
        guard start.magnitude < 1 << 62, end.magnitude < 1 << 62 else {
            throw LogQueryError(.badQuery, "the query's times are out of range")
        }
        let grid = StepGrid(start: start, end: end, step: step)
        var evaluation = MetricEvaluation(source: source, grid: grid, context: context)
        let result = try evaluation.vector(expression)
        guard limits.maxSeries == 0 || result.count <= limits.maxSeries else {
            throw LogQueryError(
                .limit,
                "maximum number of series (\(limits.maxSeries)) reached for a single query; consider reducing query cardinality by "
                    + "adding more specific stream selectors, reducing the time range, or aggregating results with functions like "
                    + "sum(), count() or topk(). The limit is limits_config.max_query_series")
        }
        return Self.isSorted(expression) && grid.count == 1 ? result : result.sortedByLabels()
    }

    /// Whether `sort` stands anywhere in the query: operations around it keep its order.
    private static func isSorted(_ expression: QueryExpression) -> Bool {
        switch expression {
        case .log, .number, .vector, .range: false
        case .aggregation(let aggregation):
            aggregation.operation == .sort || aggregation.operation == .sortDescending || isSorted(aggregation.inner)
        case .binary(let binary): isSorted(binary.left) || isSorted(binary.right)
        case .labelReplace(let inner, _, _, _, _): isSorted(inner)
        }
    }

    /// The lines of a log query in `start..<end` (nanoseconds), at most `limit` of them, newest or oldest first. With an
    /// `interval` (nanoseconds, 0 for none) each is at least so far from the one before it, whatever their streams.
    package func logs(
        _ expression: LogExpression, start: Int64, end: Int64, limit: Int, direction: LogSelection.Direction,
        interval: Int64 = 0, context: LogQueryContext
    ) throws(LogQueryError) -> LogStreams {
        guard limit > 0 else { return LogStreams(streams: []) }
        let selection = try selection(expression, start, end, direction)
        let lines =
            interval > 0
            ? try spaced(expression, selection, limit: limit, interval: interval, context)
            : try LineSearch(expression, selection, in: source, context: context).first(limit, of: selection)
        return LogStreams(lines.lazy.map { ($0.stream, $0.given) })
    }

    /// A page of the lines of a log query: those that come behind `cursor`, or the first ones, at most `limit` (at least
    /// one). Lines with equal times come in the order of their hashes.
    package func page(
        _ expression: LogExpression, start: Int64, end: Int64, limit: Int, direction: LogSelection.Direction,
        after cursor: LogCursor?, context: LogQueryContext
    ) throws(LogQueryError) -> LogPage {
        var selection = try selection(expression, start, end, direction)
        if let cursor {
            if direction == .backward {
                selection.end = min(selection.end, cursor.time &+ 1)
            } else {
                selection.start = max(selection.start, cursor.time)
            }
        }
        // Lines equal to the last one that was given come first; so many of them were given.
        let given = cursor?.count ?? 0
        let search = try LineSearch(
            expression, selection, in: source, paging: LineGathering.Paging(after: cursor), context: context)
        var found = try search.first(limit + given, of: selection)
        let isFull = found.count == limit + given
        if let cursor {
            var repeated = 0
            while repeated < min(given, found.count), found[repeated].timestamp == cursor.time,
                found[repeated].hash == cursor.hash
            {
                context.release(found[repeated].heldBytes)
                repeated += 1
            }
            found.removeFirst(repeated)
            for line in found.dropFirst(limit) { context.release(line.heldBytes) }
            found = Array(found.prefix(limit))
        }
        var next: LogCursor?
        if isFull, let last = found.last {
            var equal = found.reversed().prefix { $0.timestamp == last.timestamp && $0.hash == last.hash }.count
            if let cursor, cursor.time == last.timestamp, cursor.hash == last.hash { equal += given }
            next = LogCursor(time: last.timestamp, hash: last.hash, count: equal)
        }
        return LogPage(lines: found.map { LogPage.Line(stream: $0.stream, entry: $0.given) }, next: next)
    }

    private func selection(
        _ expression: LogExpression, _ start: Int64, _ end: Int64, _ direction: LogSelection.Direction
    ) throws(LogQueryError) -> LogSelection {
        LogSelection(
            matchers: expression.matchers, start: start, end: end,
            lineFilters: try LinePipeline(expression.stages).pushedFilters, direction: direction,
            hints: FieldHint.hints(expression.stages, unwrap: nil), labelHints: LabelHint.hints(expression.stages))
    }

    /// The first line of a selection, the first of those that are at least `interval` behind it, and so on. The lines
    /// are looked at some at a time: no more are held, and what is nearer to the last one kept is not read again.
    private func spaced(
        _ expression: LogExpression, _ selection: LogSelection, limit: Int, interval: Int64, _ context: LogQueryContext
    ) throws(LogQueryError) -> [NewestLines.Entry] {
        let isBackward = selection.direction == .backward
        let search = try LineSearch(expression, selection, in: source, isRepeated: true, context: context)
        var selection = selection
        var kept: [NewestLines.Entry] = []
        var count = limit
        while kept.count < limit, selection.start < selection.end {
            try context.check()
            let found = try search.first(count, of: selection)
            let (before, from) = (kept.count, isBackward ? selection.end - 1 : selection.start)
            for line in found {
                let isFar = kept.last.map { ($0.timestamp - line.timestamp).magnitude >= interval.magnitude } ?? true
                if isFar, kept.count < limit {
                    kept.append(line)
                } else {
                    context.release(line.heldBytes)
                }
            }
            guard found.count == count, let last = kept.last else { break }
            if isBackward {
                selection.end = min(selection.end, last.timestamp - interval + 1)
            } else {
                selection.start = max(selection.start, last.timestamp + interval)
            }
            // Where lines are dense, few of them are kept.
            if count == 1 {
                let isNear = (last.timestamp - from).magnitude < interval.magnitude / UInt64(Self.linesPerSearch)
                count = isNear ? 1 : limit
            } else if (kept.count - before) * Self.linesPerSearch < found.count {
                count = 1
            } else {
                count = max(count, min(2 * count, Self.spacedAtOnce))
            }
        }
        return kept
    }
}
