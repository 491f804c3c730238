import MartletCore

extension DeletingSource {
    package func streams(
        _ selection: LogStreamSelection, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        guard let range = selection.range else { return [] }
        let stored = try base.streams(selection, context: context)
        switch selection.detail {
        case .labels: return try streams(of: stored, range, context)
        case .shares(let step): return try shares(of: stored, LogSteps(range, step: step), context)
        }
    }

    /// The deletions that may mean lines of a stream.
    private func deletions(near labels: Labels, _ range: ClosedRange<Int64>) -> [Int] {
        deletions.indices.filter { place in
            let deletion = deletions[place]
            return deletion.times?.overlaps(range) ?? false
                && deletion.expression.matchers.allSatisfy { $0.matches(labels) }
        }
    }

    // MARK: Labels

    /// Streams that have a line left. What is known of their blocks tells it of most; of the others lines are read up to the first
    /// that is left.
    private func streams(
        of stored: [LogStreamSummary], _ range: ClosedRange<Int64>, _ context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        var result: [LogStreamSummary] = []
        // Places in `result` of those that must be read, by the first deletion that concerns them.
        var unsure: [Int: [Labels: Int]] = [:]
        for summary in stored {
            let near = deletions(near: summary.labels, range)
            if let first = near.first {
                switch isLeft(summary, near.map { deletions[$0] }, range) {
                case true?: break
                case false?:
                    context.release(summary.heldBytes)
                    continue
                case nil: unsure[first, default: [:]][summary.labels] = result.count
                }
            }
            result.append(summary)
        }
        var gone: Set<Int> = []
        for (first, places) in unsure { gone.formUnion(try self.gone(deletions[first], places, range, context)) }
        return Self.without(gone, result, context)
    }

    /// Whether a line of a stream is left, as far as it can be told without reading lines.
    private func isLeft(_ summary: LogStreamSummary, _ near: [LogDeletion], _ range: ClosedRange<Int64>) -> Bool? {
        let times = near.compactMap(\.times)
        if summary.extents.contains(where: { $0.hasLine(in: range, outside: times) }) { return true }
        let isGone = summary.extents.allSatisfy { extent in
            guard let times = extent.times(in: range) else { return true }
            return near.contains { $0.covers(times) }
        }
        return isGone ? false : nil
    }

    /// The places of streams, which `deletion` concerns, of which no line is left.
    private func gone(
        _ deletion: LogDeletion, _ places: [Labels: Int], _ range: ClosedRange<Int64>, _ context: LogQueryContext
    ) throws(LogQueryError) -> Dictionary<Labels, Int>.Values {
        let open = Lock(places)
        var wish = LogSelection(
            matchers: deletion.expression.matchers, start: range.lowerBound, end: range.upperBound + 1,
            direction: .forward, text: .none)
        wish.isWanted = { labels in open.withLock { $0[labels] != nil } }
        try entries(wish, context: context) { (batch) throws(LogQueryError) -> LogVisit in
            open.withLock { open in
                open[batch.labels] = nil
                return open.isEmpty ? .enough : .more
            }
        }
        return open.withLock { $0 }.values
    }

    // MARK: Shares

    /// What is left in steps of time. Lines are counted, one by one, in the steps that deletions may have taken some of.
    private func shares(
        of stored: [LogStreamSummary], _ steps: LogSteps, _ context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        var result: [LogStreamSummary] = []
        var plans: [[Int]: DeletionSteps] = [:]
        // Places in `result` of streams, by the steps in which they are counted and the first deletion that concerns them: a tenant
        // may have any number of streams, and each time that a source is asked it looks at all of them.
        var counts: [Int: [Range<Int>: [Labels: Int]]] = [:]
        var changed: Set<Int> = []
        for var summary in stored {
            let near = deletions(near: summary.labels, steps.range)
            let isTouched = near.contains { place in
                deletions[place].times.map { times in summary.extents.contains { $0.times(in: times) != nil } } ?? false
            }
            guard isTouched, let first = near.first else {
                result.append(summary)
                continue
            }
            let plan = plans[near] ?? DeletionSteps(near.map { deletions[$0] }, steps)
            plans[near] = plan
            let held = summary.heldBytes
            summary.extents = plan.untouched.flatMap { times in summary.extents.compactMap { $0.within(times) } }
            try context.hold(summary.heldBytes - held)
            for range in plan.counted {
                counts[first, default: [:]][range, default: [:]][summary.labels] = result.count
            }
            changed.insert(result.count)
            result.append(summary)
        }
        for (first, ranges) in counts {
            for (range, places) in ranges {
                try count(deletions[first], steps, range, places, &result, context)
            }
        }
        return Self.without(changed.filter { result[$0].extents.isEmpty }, result, context)
    }

    /// Counts lines that are left in some steps, of the streams at `places`, which `deletion` concerns.
    private func count(
        _ deletion: LogDeletion, _ steps: LogSteps, _ range: Range<Int>, _ places: [Labels: Int],
        _ summaries: inout [LogStreamSummary], _ context: LogQueryContext
    ) throws(LogQueryError) {
        let times = steps.times(of: range)
        var wish = LogSelection(
            matchers: deletion.expression.matchers, start: times.lowerBound, end: times.upperBound + 1,
            direction: .forward, text: .lengths)
        wish.isWanted = { places[$0] != nil }
        try entries(wish, context: context) { (batch) throws(LogQueryError) -> LogVisit in
            guard let place = places[batch.labels] else { return .more }
            var row = 0
            while row < batch.rows.count {
                let time = batch.timestamps[Int(batch.rows[row])]
                let step = steps.times(of: steps.place(of: time))
                var end = row + 1
                while end < batch.rows.count, batch.timestamps[Int(batch.rows[end])] <= step.upperBound { end += 1 }
                let (lines, bytes) = batch.stored(row..<end)
                let extent = LogExtent(
                    times: time...batch.timestamps[Int(batch.rows[end - 1])], lines: lines, bytes: bytes, window: step)
                if !summaries[place].merge(extent) {
                    try context.hold(LogExtent.heldBytes)
                    summaries[place].extents.append(extent)
                }
                row = end
            }
            return .more
        }
    }

    private static func without(
        _ gone: Set<Int>, _ summaries: [LogStreamSummary], _ context: LogQueryContext
    ) -> [LogStreamSummary] {
        guard !gone.isEmpty else { return summaries }
        for place in gone { context.release(summaries[place].heldBytes) }
        return summaries.indices.filter { !gone.contains($0) }.map { summaries[$0] }
    }
}

extension LogStreamSummary {
    /// Adds lines to the last ones, if they count in the same time.
    fileprivate mutating func merge(_ extent: LogExtent) -> Bool {
        guard let last = extents.indices.last, extents[last].window == extent.window else { return false }
        let times = extents[last].times
        extents[last].times =
            min(times.lowerBound, extent.times.lowerBound)...max(times.upperBound, extent.times.upperBound)
        extents[last].lines += extent.lines
        extents[last].bytes += extent.bytes
        return true
    }
}
