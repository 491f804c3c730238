import Durable
package import MartletCore
package import PromQL

extension MetricStore {
    /// Bytes that an exemplar takes in an answer, about.
    private static let answerBytes = 160

    /// The exemplars in the times of the series that pass one of the matcher lists. In memory are the newest of all series,
    /// as many as `Options.maxExemplars` says; blocks have those that were there when they were cut. A file of theirs that
    /// cannot be read is a warning.
    package func exemplars(
        matching lists: [[Matcher]], minTime: Int64, maxTime: Int64, context: QueryContext = QueryContext()
    ) throws(QueryError) -> FoundExemplars {
        guard minTime <= maxTime else { return FoundExemplars(series: [], warnings: []) }
        let times = minTime...maxTime
        var found: [Labels: [StoredExemplar]] = [:]
        // The head first: what it drops after this is in a block of the list that is taken then.
        head.withLock { box in
            var refs: Set<SeriesRef> = []
            for matchers in lists {
                refs.formUnion(box.head.index.select(matchers, while: { !context.isOver }).map(SeriesRef.init(raw:)))
            }
            for ref in refs where box.head.table.contains(ref) {
                let exemplars = box.head.exemplars(of: ref, in: times)
                guard !exemplars.isEmpty else { continue }
                found[Labels(canonicalBytes: Array(box.head.table.labels(ref)))] = exemplars
            }
        }
        var warnings: [String] = []
        for block in try blocksWithExemplars(in: times, context) {
            try context.check()
            let some: [(labels: Labels, exemplars: [StoredExemplar])]
            do throws(DurableError) {
                some = try block.exemplars(matching: lists, in: times, while: { !context.isOver })
            } catch {
                warnings.append("exemplars of block \(block.meta.id) are left out: \(error)")
                continue
            }
            for (labels, exemplars) in some {
                try context.hold(bytes: exemplars.count * Self.answerBytes)
                found[labels, default: []] += exemplars
            }
        }
        try context.check()
        let series = found.map { labels, exemplars in
            SeriesExemplars(labels: labels, exemplars: StoredExemplar.sorted(exemplars).map(\.exemplar))
        }
        return FoundExemplars(series: series.sorted { $0.labels < $1.labels }, warnings: warnings)
    }

    /// The blocks that have exemplars of the times, which may lie outside those of their samples, or whose exemplars cannot
    /// be read.
    private func blocksWithExemplars(
        in times: ClosedRange<Int64>, _ context: QueryContext
    ) throws(QueryError) -> [Block] {
        let own = directory.blocks
        let all = try elsewhere(from: times.lowerBound, to: times.upperBound, beside: own, context) + own
        return all.filter { block in
            switch block.exemplars {
            case .success(let file): file.map { $0.times.overlaps(times) } ?? false
            case .failure: block.overlaps(times.lowerBound, times.upperBound)
            }
        }
    }

    /// Changes how many exemplars are kept in memory.
    package func setMaxExemplars(_ count: Int) {
        head.withLock { box in
            box.head.exemplars.resize(to: count)
            box.account(budget)
        }
    }
}

extension Head {
    /// The exemplars of a series in the times that are not deleted.
    func exemplars(of ref: SeriesRef, in times: ClosedRange<Int64>) -> [StoredExemplar] {
        let found = exemplars.exemplars(of: ref, from: times.lowerBound, to: times.upperBound)
        // What the log says was deleted came back before the exemplars did.
        guard !found.isEmpty, let deleted = deleted[ref] else { return found }
        return found.filter { !deleted.covers($0.time, $0.time) }
    }
}
