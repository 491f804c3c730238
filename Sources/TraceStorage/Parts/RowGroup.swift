import MartletCore
import TraceQL

/// One row group of a part, read column by column.
struct RowGroup: Sendable {
    let file: PartFile
    let index: Int
    let summary: GroupSummary
    /// Keeps what is decoded; nil for whoever reads everything once.
    private let cache: ColumnCache?
    /// The directory, for whoever asks for many columns.
    private let opened: GroupDirectory?
    /// Whether a few rows are taken from whole columns, which the cache keeps: for a group that is often asked for some.
    let readsWhole: Bool

    init(_ file: PartFile, _ index: Int, cache: ColumnCache?, readsWhole: Bool = false) {
        self.init(file, index, cache: cache, opened: nil, readsWhole: readsWhole)
    }

    private init(_ file: PartFile, _ index: Int, cache: ColumnCache?, opened: GroupDirectory?, readsWhole: Bool) {
        self.readsWhole = readsWhole
        self.file = file
        self.index = index
        summary = file.footer.groups[index]
        self.cache = cache
        self.opened = opened
    }

    /// The same group with its directory at hand: read once for all columns.
    func open() throws(PartDamage) -> RowGroup {
        RowGroup(file, index, cache: cache, opened: try directory(), readsWhole: readsWhole)
    }

    func damage(_ reason: String) -> PartDamage {
        PartDamage(path: file.path, reason: "row group \(index): \(reason)")
    }

    /// A value of this group from the cache, or made.
    func cached<Value: Sendable>(
        _ item: ColumnCache.Item, memory: (Value) -> Int, _ make: () throws(PartDamage) -> Value
    ) throws(PartDamage) -> Value {
        guard let cache else { return try make() }
        let key = ColumnCache.Key(file: file.serial, group: index, item: item)
        return try cache.value(key, memory: memory, make)
    }

    /// A value of this group, if the cache has it.
    func existing<Value: Sendable>(_ item: ColumnCache.Item, as type: Value.Type) -> Value? {
        cache?.existing(ColumnCache.Key(file: file.serial, group: index, item: item), as: type)
    }

    /// Turns errors of the format into damage of this file.
    func checked<Value>(_ body: () throws(PartFormatError) -> Value) throws(PartDamage) -> Value {
        do throws(PartFormatError) {
            return try body()
        } catch {
            throw damage(error.description)
        }
    }

    func directory() throws(PartDamage) -> GroupDirectory {
        if let opened { return opened }
        return try cached(.directory, memory: { $0.memory }) { () throws(PartDamage) in
            let content = try file.content(summary.directory)
            return try checked { () throws(PartFormatError) in
                try Bytes.of(content) { bytes throws(PartFormatError) in
                    try GroupDirectory(decoding: bytes, rows: summary.columnLimit)
                }
            }
        }
    }

    /// Whether the group may have an entry of `GroupValues`; false is certain.
    func mayHave(_ entry: UInt64) throws(PartDamage) -> Bool { try file.mayHave(entry, inGroup: index) }

    // MARK: Columns

    /// A column of numbers; zeros when it is missing.
    func integers(_ id: PartColumn, count: Int) throws(PartDamage) -> [UInt64] {
        try cached(.integers(id), memory: { $0.count * 8 }) { () throws(PartDamage) in
            guard let column = try directory().columns[id] else { return [UInt64](repeating: 0, count: count) }
            guard case .integers(let integers) = column, integers.count == count else {
                throw damage("column \(id) has not \(count) numbers")
            }
            return try decode(integers, rows: 0..<count)
        }
    }

    /// A column of strings; nil when it is missing, which means empty ones.
    func strings(_ id: PartColumn, count: Int) throws(PartDamage) -> StoredValues? {
        guard let column = try directory().columns[id] else { return nil }
        return try cached(.strings(id), memory: { $0.memory }) { () throws(PartDamage) in
            guard case .strings(let strings) = column, strings.codes.count == count else {
                throw damage("column \(id) has not \(count) strings")
            }
            return try decode(strings, rows: 0..<count)
        }
    }

    /// A column of bytes; none when it is missing.
    func bytes(_ id: PartColumn) throws(PartDamage) -> [UInt8] {
        guard let column = try directory().columns[id] else { return [] }
        guard case .bytes(let page) = column else { throw damage("column \(id) is not one of bytes") }
        return try file.content(page)
    }

    // MARK: Rows

    /// The first row of each trace, and the number of rows as the last element.
    func firstRows() throws(PartDamage) -> [Int] {
        try cached(.firstRows, memory: { $0.count * 8 }) { () throws(PartDamage) in
            let counts = try integers(.traceRows, count: summary.traces)
            var rows: [Int] = [0]
            rows.reserveCapacity(counts.count + 1)
            for count in counts {
                guard count <= UInt64(summary.rows - rows[rows.count - 1]) else {
                    throw damage("its traces have too many rows")
                }
                rows.append(rows[rows.count - 1] + Int(count))
            }
            guard rows[rows.count - 1] == summary.rows else { throw damage("its traces have too few rows") }
            return rows
        }
    }

    /// The number of each row's trace.
    func traceNumbers() throws(PartDamage) -> [UInt32] {
        try cached(.traceNumbers, memory: { $0.count * 4 }) { () throws(PartDamage) in
            let firsts = try firstRows()
            var numbers = [UInt32](repeating: 0, count: summary.rows)
            for trace in 0..<summary.traces {
                for row in firsts[trace]..<firsts[trace + 1] { numbers[row] = UInt32(trace) }
            }
            return numbers
        }
    }

    /// First start and last end of each trace.
    func traceBounds() throws(PartDamage) -> [(start: UInt64, end: UInt64)] {
        try cached(.traceBounds, memory: { $0.count * 16 }) { () throws(PartDamage) in
            let starts = try integers(.traceStarts, count: summary.traces)
            let durations = try integers(.traceDurations, count: summary.traces)
            var start = summary.start
            return starts.indices.map { trace in
                start &+= starts[trace]
                return (start, start &+ durations[trace])
            }
        }
    }

    func spanIDs() throws(PartDamage) -> [UInt64] {
        try cached(.spanIDs, memory: { $0.count * 8 }) { () throws(PartDamage) in
            try words(.spanIDs, 0..<summary.rows)
        }
    }

    func parentIDs() throws(PartDamage) -> [UInt64] {
        try cached(.parentIDs, memory: { $0.count * 8 }) { () throws(PartDamage) in
            try parentIDs(ofTraces: 0..<summary.traces)
        }
    }

    /// Unix nanoseconds.
    func startTimes() throws(PartDamage) -> [UInt64] {
        try cached(.startTimes, memory: { $0.count * 8 }) { () throws(PartDamage) in
            try startTimes(ofTraces: 0..<summary.traces)
        }
    }

    /// Nanoseconds.
    func durations() throws(PartDamage) -> [Int64] {
        try cached(.durations, memory: { $0.count * 8 }) { () throws(PartDamage) in
            try durations(rows: 0..<summary.rows)
        }
    }

    /// For each row the index of its first event or link; one more element at the end.
    func childOffsets(_ id: PartColumn, total: Int) throws(PartDamage) -> [UInt32] {
        if total == 0 { return [UInt32](repeating: 0, count: summary.rows + 1) }
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(summary.rows + 1)
        for count in try integers(id, count: summary.rows) {
            guard count <= UInt64(total - Int(offsets[offsets.count - 1])) else {
                throw damage("column \(id) counts too many")
            }
            offsets.append(offsets[offsets.count - 1] + UInt32(count))
        }
        guard Int(offsets[offsets.count - 1]) == total else { throw damage("column \(id) counts too few") }
        return offsets
    }

    // MARK: Attributes

    func attributes(_ scope: AttributeScopeTable) throws(PartDamage) -> AttributeDirectory {
        switch scope {
        case .spans: try directory().spans
        case .events: try directory().events
        case .links: try directory().links
        }
    }

    func shapes(_ scope: AttributeScopeTable) throws(PartDamage) -> AttributeShapes {
        try cached(.shapes(scope), memory: { $0.slots.reduce(64) { $0 + 48 + $1.count * 8 } }) {
            () throws(PartDamage) in
            let directory = try attributes(scope)
            guard let page = directory.shapes else { return .none }
            let content = try file.content(page)
            return try checked { () throws(PartFormatError) in
                try Bytes.of(content) { bytes throws(PartFormatError) in
                    try AttributeShapes(
                        decoding: bytes, shapes: directory.shapeCount, slots: directory.slots.count)
                }
            }
        }
    }

    /// The shape of each row of a scope.
    func shapeRows(_ scope: AttributeScopeTable) throws(PartDamage) -> [UInt64] {
        try shapeRows(scope, 0..<rowCount(scope))
    }

    /// The values of a slot, in order of the rows that have one.
    func values(_ index: Int, _ scope: AttributeScopeTable) throws(PartDamage) -> StoredValues {
        try cached(.slot(scope, index), memory: { $0.memory }) { () throws(PartDamage) in
            let slot = try attributes(scope).slots[index]
            return try values(slot, 0..<slot.count, rare: slot.isRare ? rareValues(scope) : [])
        }
    }

    /// The page of the values of a scope that are too rare for a column; nothing when there is none.
    func rareValues(_ scope: AttributeScopeTable) throws(PartDamage) -> [UInt8] {
        guard let page = try attributes(scope).rest else { return [] }
        return try file.content(page)
    }
}
