import Durable
package import MartletCore
package import PromQL

extension MetricStore: MetricSource {
    package func select(
        _ selection: MetricSelection, context: QueryContext
    ) throws(QueryError) -> any MetricSeriesSet {
        try context.check()
        // The head first: what it drops after this is in a block of the list that is taken then.
        let (recent, late) = try head.withLock { (box) throws(QueryError) in
            let start = max(selection.minTime, box.head.minTime)
            do throws(DurableError) {
                try box.head.arena.verify(from: start)
            } catch {
                throw Block.failure(error)
            }
            let refs = box.head.select(
                selection.matchers, from: start, to: selection.maxTime, while: { !context.isOver })
            try context.check()
            var set = HeadSeriesSet(
                box.head.arena, from: start, to: selection.maxTime, newestOnly: selection.hints.newestOnly)
            try set.reserve(refs, of: box.head.table, context)
            for (index, ref) in refs.enumerated() {
                box.head.prefetch(refs, after: index, chunks: !selection.hints.newestOnly)
                guard let record = box.head.table.record(ref) else { continue }
                let histograms = record.pointee.hasHistogram ? box.head.histograms[ref] : nil
                set.add(box.head.table.labels(ref), record.pointee, histograms, box.head.deleted[ref])
            }
            return (set, try Self.outOfOrder(box.head, selection, context))
        }
        var parts: [any LocalSeriesSet] = []
        for block in try blocks(from: selection.minTime, to: selection.maxTime, context) {
            let set = try block.select(selection, context: context)
            if set.count > 0 { parts.append(set) }
        }
        if recent.count > 0 || (parts.isEmpty && late.count == 0) { parts.append(recent) }
        if late.count > 0 { parts.append(late) }
        let found: any MetricSeriesSet = parts.count == 1 ? parts[0] : try MergedSeriesSet(parts, context: context)
        try context.hold(bytes: found.memory)
        return found
    }

    /// The samples of a selection that came out of order and that no block has yet.
    private static func outOfOrder(
        _ head: borrowing Head, _ selection: MetricSelection, _ context: QueryContext
    ) throws(QueryError) -> OutOfOrderSeriesSet {
        var set = OutOfOrderSeriesSet(from: selection.minTime, to: selection.maxTime)
        guard !head.outOfOrder.isEmpty else { return set }
        let found = head.index.select(selection.matchers) { !context.isOver }
        try context.check()
        for number in found {
            let ref = SeriesRef(raw: number)
            guard head.table.contains(ref), head.outOfOrder.overlaps(ref, selection.minTime, selection.maxTime) else {
                continue
            }
            let samples = head.outOfOrder.samples(ref, from: selection.minTime, to: selection.maxTime)
            if !samples.isEmpty { set.add(head.table.labels(ref), samples, head.deleted[ref]) }
        }
        return set
    }

    package func series(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [Labels] {
        try context.check()
        var found: Set<Labels> = []
        var failure: QueryError?
        let add = { (bytes: [UInt8]) in
            guard failure == nil, found.insert(Labels(canonicalBytes: bytes)).inserted else { return }
            failure = Self.refusal(of: bytes.count, context)
        }
        head.withLock { box in
            for ref in box.head.select(
                anyOf: matchers, from: minTime, to: maxTime, while: { !context.isOver })
            where failure == nil {
                add(Array(box.head.table.labels(ref)))
            }
        }
        if let failure { throw failure }
        try context.check()
        try forEachStoredLabels(matchers, minTime, maxTime, context, add)
        if let failure { throw failure }
        let labels = found.sorted()
        return limit > 0 ? Array(labels.prefix(limit)) : labels
    }

    /// Accounts for a label set or a text of so many bytes in a set and in an ordered list; why the query may not have it,
    /// nil when it may.
    private static func refusal(of bytes: Int, _ context: QueryContext) -> QueryError? {
        do throws(QueryError) {
            try context.hold(bytes: bytes + 112)
            return nil
        } catch {
            return error
        }
    }

    package func labelNames(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [String] {
        try context.check()
        var names: Set<[UInt8]> = []
        head.withLock { box in
            guard !matchers.isEmpty else {
                for name in box.head.index.labelNames() {
                    let isThere = box.head.index.anySeries(withName: name) {
                        box.head.hasSamples($0, from: minTime, to: maxTime)
                    }
                    if isThere { names.insert(Array(name.utf8)) }
                }
                return
            }
            for ref in box.head.select(
                anyOf: matchers, from: minTime, to: maxTime, while: { !context.isOver })
            {
                Labels.walk(box.head.table.labels(ref)) { name, _ in names.insert(Array(name)) }
            }
        }
        try context.check()
        if matchers.isEmpty {
            for block in try blocks(from: minTime, to: maxTime, context) {
                names.formUnion(block.index.labelNames)
            }
        } else {
            try forEachStoredLabels(matchers, minTime, maxTime, context) { labels in
                labels.withUnsafeBytes { Labels.walk($0) { name, _ in names.insert(Array(name)) } }
            }
        }
        return Self.sorted(names, limit)
    }

    package func labelValues(
        of name: String, matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int,
        context: QueryContext
    ) throws(QueryError) -> [String] {
        try context.check()
        var values: Set<[UInt8]> = []
        var failure: QueryError?
        let add = { (value: UnsafeRawBufferPointer) in
            guard failure == nil, values.insert(Array(value)).inserted else { return }
            failure = Self.refusal(of: value.count, context)
        }
        let wanted = Array(name.utf8)
        head.withLock { box in
            guard !matchers.isEmpty else {
                box.head.index.forEachValue(of: name) { value, series in
                    let isThere =
                        failure == nil
                        && series.contains {
                            box.head.hasSamples(SeriesRef(raw: $0), from: minTime, to: maxTime)
                        }
                    if isThere { add(value) }
                }
                return
            }
            for ref in box.head.select(
                anyOf: matchers, from: minTime, to: maxTime, while: { !context.isOver })
            where failure == nil {
                Labels.walk(box.head.table.labels(ref)) { name, value in
                    if name.elementsEqual(wanted) { add(value) }
                }
            }
        }
        if let failure { throw failure }
        try context.check()
        if matchers.isEmpty {
            for block in try blocks(from: minTime, to: maxTime, context) {
                do throws(DurableError) {
                    try block.index.verify()
                    try block.index.forEachValue(of: name) { add($0) }
                    try block.index.verify()
                } catch {
                    throw Block.failure(error)
                }
            }
        } else {
            try forEachStoredLabels(matchers, minTime, maxTime, context) { labels in
                labels.withUnsafeBytes { bytes in
                    Labels.walk(bytes) { name, value in
                        if name.elementsEqual(wanted) { add(value) }
                    }
                }
            }
        }
        if let failure { throw failure }
        return Self.sorted(values, limit)
    }

    /// Adds blocks that are kept elsewhere to what queries see.
    package func setHistory(_ history: any BlockHistory) { self.history.withLock { $0 = history } }

    /// The blocks with samples in the times: those kept elsewhere, which are the older ones, and the store's own.
    private func blocks(from start: Int64, to end: Int64, _ context: QueryContext) throws(QueryError) -> [Block] {
        let own = directory.blocks
        return try elsewhere(from: start, to: end, beside: own, context) + own.filter { $0.overlaps(start, end) }
    }

    /// The blocks with samples in the times that are kept elsewhere only.
    func elsewhere(
        from start: Int64, to end: Int64, beside own: [Block], _ context: QueryContext
    ) throws(QueryError) -> [Block] {
        guard let history = history.withLock({ $0 }) else { return [] }
        return try history.blocks(from: start, to: end, beside: own.map(\.meta), context: context)
    }

    /// Visits the label sets in blocks of the series that pass one of the matcher lists (of all when there is none).
    /// A series may come more than once.
    private func forEachStoredLabels(
        _ matchers: [[Matcher]], _ minTime: Int64, _ maxTime: Int64, _ context: QueryContext,
        _ visit: ([UInt8]) -> Void
    ) throws(QueryError) {
        for block in try blocks(from: minTime, to: maxTime, context) {
            var cache = SymbolCache()
            for list in matchers.isEmpty ? [[]] : matchers {
                try block.forEachSeries(list, from: minTime, to: maxTime, context: context) {
                    (series, _) throws(DurableError) in
                    var bytes: [UInt8] = []
                    try block.index.appendLabels(series, to: &bytes, &cache)
                    visit(bytes)
                }
            }
        }
    }

    private static func sorted(_ texts: Set<[UInt8]>, _ limit: Int) -> [String] {
        let sorted = texts.sorted { $0.lexicographicallyPrecedes($1) }
        return (limit > 0 ? sorted.prefix(limit) : sorted[...]).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension Head {
    /// Series that pass one of the matcher lists (all series when there is none), ascending; any when `goesOn` says no.
    func select(
        anyOf matchers: [[Matcher]], from start: Int64, to end: Int64, while goesOn: () -> Bool = { true }
    ) -> [SeriesRef] {
        if matchers.isEmpty { return select([], from: start, to: end) }
        if matchers.count == 1 { return select(matchers[0], from: start, to: end, while: goesOn) }
        var all: Set<SeriesRef> = []
        for list in matchers { all.formUnion(select(list, from: start, to: end, while: goesOn)) }
        return all.sorted()
    }
}
