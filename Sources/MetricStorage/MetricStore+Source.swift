package import MartletCore
package import PromQL

extension MetricStore: MetricSource {
    package func select(
        _ selection: MetricSelection, context: QueryContext
    ) throws(QueryError) -> any MetricSeriesSet {
        try context.check()
        return head.withLock { box in
            let start = max(selection.minTime, box.head.minTime)
            let refs = box.head.select(selection.matchers, from: start, to: selection.maxTime)
            var set = HeadSeriesSet(box.head.arena, from: start, to: selection.maxTime)
            for ref in refs {
                guard let record = box.head.table.record(ref) else { continue }
                set.add(box.head.table.labels(ref), record.pointee)
            }
            return set
        }
    }

    package func series(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [Labels] {
        try context.check()
        var labels = head.withLock { box in
            box.head.select(anyOf: matchers, from: minTime, to: maxTime).map {
                Labels(canonicalBytes: Array(box.head.table.labels($0)))
            }
        }
        try context.check()
        labels.sort()
        return limit > 0 ? Array(labels.prefix(limit)) : labels
    }

    package func labelNames(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [String] {
        try context.check()
        let names = head.withLock { box -> [String] in
            guard !matchers.isEmpty else {
                return box.head.index.labelNames().filter { name in
                    box.head.index.anySeries(withName: name) {
                        box.head.hasSamples($0, from: minTime, to: maxTime)
                    }
                }
            }
            var names: Set<[UInt8]> = []
            for ref in box.head.select(anyOf: matchers, from: minTime, to: maxTime) {
                Labels.walk(box.head.table.labels(ref)) { name, _ in names.insert(Array(name)) }
            }
            return names.map { String(decoding: $0, as: UTF8.self) }
        }
        return Self.sorted(names, limit)
    }

    package func labelValues(
        of name: String, matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int,
        context: QueryContext
    ) throws(QueryError) -> [String] {
        try context.check()
        let values = head.withLock { box -> [String] in
            var values: Set<[UInt8]> = []
            guard !matchers.isEmpty else {
                box.head.index.forEachValue(of: name) { value, series in
                    let found = series.contains {
                        box.head.hasSamples(SeriesRef(raw: $0), from: minTime, to: maxTime)
                    }
                    if found { values.insert(Array(value)) }
                }
                return values.map { String(decoding: $0, as: UTF8.self) }
            }
            let wanted = Array(name.utf8)
            for ref in box.head.select(anyOf: matchers, from: minTime, to: maxTime) {
                Labels.walk(box.head.table.labels(ref)) { name, value in
                    if name.elementsEqual(wanted) { values.insert(Array(value)) }
                }
            }
            return values.map { String(decoding: $0, as: UTF8.self) }
        }
        return Self.sorted(values, limit)
    }

    private static func sorted(_ texts: [String], _ limit: Int) -> [String] {
        let sorted = texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return limit > 0 ? Array(sorted.prefix(limit)) : sorted
    }
}

extension Head {
    /// Series that pass one of the matcher lists (all series when there is none), ascending.
    func select(anyOf matchers: [[Matcher]], from start: Int64, to end: Int64) -> [SeriesRef] {
        if matchers.isEmpty { return select([], from: start, to: end) }
        if matchers.count == 1 { return select(matchers[0], from: start, to: end) }
        var all: Set<SeriesRef> = []
        for list in matchers { all.formUnion(select(list, from: start, to: end)) }
        return all.sorted()
    }
}
