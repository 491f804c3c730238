import TraceQL

/// The spans of a store at one moment: the row groups of its parts, then what is in memory, oldest first.
struct StoreSnapshot: TraceSnapshot {
    let tables: [any SpanTable]
    private let parts: [StoredPart]
    private let generations: [Generation]
    /// Table numbers: of the first group of each part, then of the first part in memory of each generation.
    private let firstTables: [Int]
    private let damaged: DamageFlag

    init(
        parts: [StoredPart], generations: [Generation], cache: ColumnCache, limits: AttributeLimits,
        failures: GroupFailures
    ) {
        self.parts = parts
        self.generations = generations
        damaged = DamageFlag()
        var tables: [any SpanTable] = []
        var firsts: [Int] = []
        for part in parts {
            firsts.append(tables.count)
            for index in part.file.footer.groups.indices {
                if failures.contains(part.file, index) {
                    tables.append(EmptyTable())
                } else {
                    tables.append(
                        RowGroupTable(
                            group: RowGroup(part.file, index, cache: cache), limits: limits, failures: failures,
                            damaged: damaged, use: GroupReads.Use(cache.reads)))
                }
            }
        }
        for generation in generations {
            firsts.append(tables.count)
            tables.append(contentsOf: generation.spans.tables())
        }
        firsts.append(tables.count)
        self.tables = tables
        firstTables = firsts
    }

    var isDamaged: Bool { damaged.isSet }
    var failure: (any Error)? { damaged.failure.map { TraceStoreError.unreachable("\($0)") } }

    // MARK: Traces in several places

    /// The unit (part or generation) that a table belongs to.
    private func unit(of table: Int) -> Int {
        var low = 0
        var high = firstTables.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if firstTables[middle] <= table { low = middle } else { high = middle }
        }
        // Units without tables share their first with the one behind.
        while low + 1 < firstTables.count - 1, firstTables[low + 1] <= table { low += 1 }
        return low
    }

    private func isShared(_ ref: TraceRef, unit: Int) -> Bool {
        if unit < parts.count {
            guard !parts[unit].shared.isEmpty else { return false }
            let number = parts[unit].file.firstTraces[ref.table - firstTables[unit]] + ref.trace
            return parts[unit].shared.contains(UInt32(number))
        }
        let shared = generations[unit - parts.count].spans.shared
        if shared.isEmpty { return false }
        let id = tables[ref.table].traceID(ref.trace)
        return shared[TraceKey(high: id.high, low: id.low)] != nil
    }

    func isFragment(_ ref: TraceRef) -> Bool {
        let unit = unit(of: ref.table)
        if unit >= parts.count, let table = tables[ref.table] as? PartTable, table.isFragment(ref.trace) { return true }
        return isShared(ref, unit: unit)
    }

    func fragments(of ref: TraceRef) -> [TraceRef] {
        let unit = unit(of: ref.table)
        let id = tables[ref.table].traceID(ref.trace)
        let key = TraceKey(high: id.high, low: id.low)
        let units = isShared(ref, unit: unit) ? 0..<parts.count + generations.count : unit..<unit + 1
        let all = units.flatMap { places(of: key, unit: $0) }
        return all.isEmpty ? [ref] : all
    }

    private func places(of key: TraceKey, unit: Int) -> [TraceRef] {
        if unit >= parts.count {
            return generations[unit - parts.count].spans.places(high: key.high, low: key.low).map {
                TraceRef(table: firstTables[unit] + $0.position, trace: $0.trace)
            }
        }
        guard !damaged.hasFailed, let number = parts[unit].trace(key, noting: damaged) else { return [] }
        let file = parts[unit].file
        let group = file.group(ofTrace: number)
        guard tables[firstTables[unit] + group].spanCount > 0 else { return [] }
        return [TraceRef(table: firstTables[unit] + group, trace: number - file.firstTraces[group])]
    }

    // MARK: Copies

    func live(_ table: Int) -> Bitmap {
        let unit = unit(of: table)
        if unit >= parts.count {
            guard let memory = tables[table] as? PartTable else { return Bitmap(count: 0) }
            var live = memory.live
            let shared = generations[unit - parts.count].spans.shared
            // The newest generation cannot be replaced from elsewhere.
            guard !shared.isEmpty, unit + 1 < parts.count + generations.count else { return live }
            for trace in 0..<memory.traceCount {
                let id = memory.traceID(trace)
                let key = TraceKey(high: id.high, low: id.low)
                if shared[key] != nil { bury(&live, table, trace, key, after: unit) }
            }
            return live
        }
        var live = Bitmap(count: tables[table].spanCount, repeating: true)
        let file = parts[unit].file
        let group = table - firstTables[unit]
        guard !parts[unit].shared.isEmpty, live.count > 0 else { return live }
        let first = file.firstTraces[group]
        let shared = parts[unit].shared
        let numbers =
            shared.count < file.footer.groups[group].traces
            ? shared.filter { Int($0) >= first && Int($0) < file.firstTraces[group + 1] }.map { Int($0) - first }
            : (0..<file.footer.groups[group].traces).filter { shared.contains(UInt32(first + $0)) }
        for trace in numbers {
            let id = tables[table].traceID(trace)
            bury(&live, table, trace, TraceKey(high: id.high, low: id.low), after: unit)
        }
        return live
    }

    private struct Identity: Hashable {
        let span: UInt64
        let kind: UInt64
    }

    /// Marks the rows of a trace of which a later unit has a copy.
    private func bury(_ live: inout Bitmap, _ table: Int, _ trace: Int, _ key: TraceKey, after unit: Int) {
        var later: Set<Identity> = []
        for other in unit + 1..<parts.count + generations.count {
            for place in places(of: key, unit: other) {
                forEachIdentity(place.table, place.trace) { _, identity in later.insert(identity) }
            }
        }
        if later.isEmpty { return }
        var dead: [Int] = []
        forEachIdentity(table, trace) { row, identity in if later.contains(identity) { dead.append(row) } }
        for row in dead { live[row] = false }
    }

    private func forEachIdentity(_ table: Int, _ trace: Int, _ body: (Int, Identity) -> Void) {
        if let memory = tables[table] as? PartTable {
            let part = memory.box.part
            memory.forEachRow(ofTrace: trace) {
                body($0, Identity(span: part.spanIDs[$0], kind: UInt64(part.kinds[$0])))
            }
        } else if let stored = tables[table] as? RowGroupTable {
            let (ids, kinds) = (stored.spanIDs, stored.kinds)
            stored.forEachRow(ofTrace: trace) { body($0, Identity(span: ids[$0], kind: kinds[$0])) }
        }
    }
}
