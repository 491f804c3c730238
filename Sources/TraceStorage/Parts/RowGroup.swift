import MartletCore
import TraceQL

/// One row group of a part, read column by column.
struct RowGroup: Sendable {
    let file: PartFile
    let index: Int
    let summary: GroupSummary
    /// Keeps what is decoded; nil for whoever reads everything once.
    private let cache: ColumnCache?

    init(_ file: PartFile, _ index: Int, cache: ColumnCache?) {
        self.file = file
        self.index = index
        summary = file.footer.groups[index]
        self.cache = cache
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

    /// Turns errors of the format into damage of this file.
    private func checked<Value>(_ body: () throws(PartFormatError) -> Value) throws(PartDamage) -> Value {
        do throws(PartFormatError) {
            return try body()
        } catch {
            throw damage(error.description)
        }
    }

    func directory() throws(PartDamage) -> GroupDirectory {
        try cached(.directory, memory: { $0.memory }) { () throws(PartDamage) in
            let content = try file.content(summary.directory)
            return try checked { () throws(PartFormatError) in
                try Bytes.of(content) { bytes throws(PartFormatError) in
                    try GroupDirectory(decoding: bytes, rows: summary.columnLimit)
                }
            }
        }
    }

    // MARK: Columns

    /// A column of numbers; zeros when it is missing.
    func integers(_ id: PartColumn, count: Int) throws(PartDamage) -> [UInt64] {
        try cached(.integers(id), memory: { $0.count * 8 }) { () throws(PartDamage) in
            guard let column = try directory().columns[id] else { return [UInt64](repeating: 0, count: count) }
            guard case .integers(let integers) = column, integers.count == count else {
                throw damage("column \(id) has not \(count) numbers")
            }
            return try decode(integers)
        }
    }

    func decode(_ column: IntegerColumn) throws(PartDamage) -> [UInt64] {
        var contents: [[UInt8]] = []
        for page in column.pages { contents.append(try file.content(page)) }
        return try checked { () throws(PartFormatError) in try column.decode(contents) }
    }

    /// A column of strings; nil when it is missing, which means empty ones.
    func strings(_ id: PartColumn, count: Int) throws(PartDamage) -> StoredValues? {
        guard let column = try directory().columns[id] else { return nil }
        return try cached(.strings(id), memory: { $0.memory }) { () throws(PartDamage) in
            guard case .strings(let strings) = column, strings.codes.count == count else {
                throw damage("column \(id) has not \(count) strings")
            }
            return try decode(strings)
        }
    }

    func decode(_ column: StringColumn) throws(PartDamage) -> StoredValues {
        StoredValues(strings: try dictionary(column), codes: try decode(column.codes))
    }

    private func dictionary(_ column: StringColumn) throws(PartDamage) -> StoredStrings {
        let (lengths, suffixes) = (try file.content(column.lengths), try file.content(column.suffixes))
        return try checked { () throws(PartFormatError) in
            try StoredStrings(count: column.distinct, lengths: lengths, suffixes: suffixes)
        }
    }

    /// A column of bytes; none when it is missing.
    func bytes(_ id: PartColumn) throws(PartDamage) -> [UInt8] {
        guard let column = try directory().columns[id] else { return [] }
        guard case .bytes(let page) = column else { throw damage("column \(id) is not one of bytes") }
        return try file.content(page)
    }

    /// A column of 64-bit numbers, most significant byte first.
    private func words(_ id: PartColumn) throws(PartDamage) -> [UInt64] {
        let content = try bytes(id)
        return content.withUnsafeBytes { bytes in
            (0..<bytes.count / 8).map {
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self))
            }
        }
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
            let ids = try words(.spanIDs)
            guard ids.count == summary.rows else { throw damage("it has \(ids.count) span ids") }
            return ids
        }
    }

    func parentIDs() throws(PartDamage) -> [UInt64] {
        try cached(.parentIDs, memory: { $0.count * 8 }) { () throws(PartDamage) in
            let codes = try integers(.parents, count: summary.rows)
            let (ids, firsts, foreign) = (try spanIDs(), try firstRows(), try words(.foreignParents))
            var parents = [UInt64](repeating: 0, count: summary.rows)
            var nextForeign = 0
            for trace in 0..<summary.traces {
                for row in firsts[trace]..<firsts[trace + 1] where codes[row] != 0 {
                    if codes[row] == 1 {
                        guard nextForeign < foreign.count else { throw damage("a parent's id is missing") }
                        parents[row] = foreign[nextForeign]
                        nextForeign += 1
                    } else {
                        guard codes[row] - 2 < UInt64(firsts[trace + 1] - firsts[trace]) else {
                            throw damage("a parent is out of range")
                        }
                        parents[row] = ids[firsts[trace] + Int(codes[row] - 2)]
                    }
                }
            }
            return parents
        }
    }

    /// Unix nanoseconds.
    func startTimes() throws(PartDamage) -> [UInt64] {
        try cached(.startTimes, memory: { $0.count * 8 }) { () throws(PartDamage) in
            let deltas = try integers(.startDeltas, count: summary.rows)
            let (firsts, bounds) = (try firstRows(), try traceBounds())
            return [UInt64](unsafeUninitializedCapacity: summary.rows) { out, filled in
                for trace in bounds.indices {
                    var start = bounds[trace].start
                    for row in firsts[trace]..<firsts[trace + 1] {
                        start &+= deltas[row]
                        out[row] = start
                    }
                }
                filled = summary.rows
            }
        }
    }

    /// Nanoseconds.
    func durations() throws(PartDamage) -> [Int64] {
        try cached(.durations, memory: { $0.count * 8 }) { () throws(PartDamage) in
            try integers(.durations, count: summary.rows).map { Int64(bitPattern: $0 ^ 1 << 63) }
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
        let rows =
            switch scope {
            case .spans: try integers(.shapes, count: summary.rows)
            case .events: try integers(.eventShapes, count: summary.events)
            case .links: try integers(.linkShapes, count: summary.links)
            }
        let count = UInt64(try attributes(scope).shapeCount)
        guard rows.allSatisfy({ $0 < count }) || count == 0 && rows.allSatisfy({ $0 == 0 }) else {
            throw damage("a row has a shape that is not there")
        }
        return rows
    }

    /// The values of a slot, in order of the rows that have one.
    func values(_ index: Int, _ scope: AttributeScopeTable) throws(PartDamage) -> StoredValues {
        try cached(.slot(scope, index), memory: { $0.memory }) { () throws(PartDamage) in
            try decode(try attributes(scope).slots[index], scope)
        }
    }

    private func decode(_ slot: AttributeSlot, _ scope: AttributeScopeTable) throws(PartDamage) -> StoredValues {
        switch slot.place {
        case .none: return StoredValues(strings: .none, codes: [])
        case .column(.strings(let column)): return try decode(column)
        case .column(.integers(let column)):
            return StoredValues(
                strings: .none, codes: try decode(column).map { AttributeSlot.bits($0, slot.kind) })
        case .column(.bytes): throw damage("an attribute's column is one of bytes")
        case .rest(let offset, let count):
            guard let page = try attributes(scope).rest else { throw damage("the page of rare values is missing") }
            let content = try file.content(page)
            return try checked { () throws(PartFormatError) in
                try Bytes.of(content) { bytes throws(PartFormatError) in
                    try Self.rest(slot.kind, bytes, offset: offset, count: count)
                }
            }
        }
    }

    private static func rest(
        _ kind: AttributeSlot.Kind, _ bytes: UnsafeRawBufferPointer, offset: Int, count: Int
    ) throws(PartFormatError) -> StoredValues {
        var cursor = ByteCursor(bytes, offset: offset)
        var builder = StringColumnBuilder()
        var numbers: [UInt64] = []
        try PartFormatError.reading { () throws(ByteCursorError) in
            for _ in 0..<count {
                if kind == .string || kind == .encoded {
                    builder.append(builder.code(try cursor.uvarintBytes()))
                } else {
                    numbers.append(AttributeSlot.bits(try cursor.u64LE(), kind))
                }
            }
        }
        guard kind == .string || kind == .encoded else { return StoredValues(strings: .none, codes: numbers) }
        let content = builder.finish()
        return StoredValues(
            strings: try StoredStrings(
                count: content.distinct, lengths: content.lengths, suffixes: content.suffixes),
            codes: content.codes)
    }
}
