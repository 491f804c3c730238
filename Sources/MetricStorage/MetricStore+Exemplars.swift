package import MartletCore

extension MetricStore {
    /// The exemplars in the times of the series that pass one of the matcher lists, by labels. Only the newest of all
    /// series are kept, as many as `Options.maxExemplars` says, and those of series that are still in the head.
    package func exemplars(matching lists: [[Matcher]], minTime: Int64, maxTime: Int64) -> [SeriesExemplars] {
        let found = head.withLock { box in
            var refs: Set<SeriesRef> = []
            for matchers in lists { refs.formUnion(box.head.index.select(matchers).map(SeriesRef.init(raw:))) }
            return refs.compactMap { ref -> SeriesExemplars? in
                guard box.head.table.contains(ref) else { return nil }
                let exemplars = box.head.exemplars.exemplars(of: ref, from: minTime, to: maxTime)
                guard !exemplars.isEmpty else { return nil }
                return SeriesExemplars(
                    labels: Labels(canonicalBytes: Array(box.head.table.labels(ref))), exemplars: exemplars)
            }
        }
        return found.sorted { $0.labels < $1.labels }
    }

    /// Changes how many exemplars are kept.
    package func setMaxExemplars(_ count: Int) {
        head.withLock { box in
            box.head.exemplars.resize(to: count)
            box.account(budget)
        }
    }
}
