import MartletCore

/// Some rows of a group's columns. Beside what the cache has as a whole already, only those are decoded, and not kept: for
/// whoever wants few traces of a group. A group that `readsWhole` has the cache keep all.
extension RowGroup {
    /// Numbers of a column; zeros when it is missing.
    func integers(_ id: PartColumn, count: Int, _ rows: Range<Int>) throws(PartDamage) -> [UInt64] {
        if rows == 0..<count { return try integers(id, count: count) }
        if readsWhole { return Array(try integers(id, count: count)[rows]) }
        if let known = existing(.integers(id), as: [UInt64].self) { return Array(known[rows]) }
        guard let column = try directory().columns[id] else { return [UInt64](repeating: 0, count: rows.count) }
        guard case .integers(let integers) = column, integers.count == count else {
            throw damage("column \(id) has not \(count) numbers")
        }
        return try decode(integers, rows: rows)
    }

    func decode(_ column: IntegerColumn, rows: Range<Int>) throws(PartDamage) -> [UInt64] {
        var contents: [[UInt8]] = []
        for page in column.pages { contents.append(try file.content(page)) }
        return try checked { () throws(PartFormatError) in try column.decode(contents, rows: rows) }
    }

    /// Strings of a column; nil when it is missing, which means empty ones.
    func strings(_ id: PartColumn, count: Int, _ rows: Range<Int>) throws(PartDamage) -> StoredValues? {
        if rows == 0..<count || readsWhole { return try strings(id, count: count)?[rows] }
        if let known = existing(.strings(id), as: StoredValues.self) { return known[rows] }
        guard let column = try directory().columns[id] else { return nil }
        guard case .strings(let strings) = column, strings.codes.count == count else {
            throw damage("column \(id) has not \(count) strings")
        }
        return try decode(strings, rows: rows)
    }

    /// Of the dictionary only what the rows need is put together.
    func decode(_ column: StringColumn, rows: Range<Int>) throws(PartDamage) -> StoredValues {
        let codes = try decode(column.codes, rows: rows)
        let (lengths, suffixes) = (try file.content(column.lengths), try file.content(column.suffixes))
        if rows == 0..<column.codes.count {
            let all = try checked { () throws(PartFormatError) in
                try StoredStrings(count: column.distinct, lengths: lengths, suffixes: suffixes)
            }
            return StoredValues(strings: all, codes: codes)
        }
        let wanted = Set(codes).sorted()
        let strings = try checked { () throws(PartFormatError) in
            try StoredStrings(
                count: column.distinct, lengths: lengths, suffixes: suffixes, wanted: wanted.map { Int(clamping: $0) })
        }
        var places: [UInt64: UInt64] = [:]
        for (place, code) in wanted.enumerated() { places[code] = UInt64(place) }
        return StoredValues(strings: strings, codes: codes.map { places[$0] ?? 0 })
    }

    /// Numbers of a column of 64 bits each, most significant byte first, from the page itself.
    func words(_ id: PartColumn, _ rows: Range<Int>) throws(PartDamage) -> [UInt64] {
        if rows.isEmpty { return [] }
        guard case .bytes(let page)? = try directory().columns[id], rows.upperBound <= Int(page.packed) / 8 else {
            throw damage("column \(id) has not \(rows.upperBound) numbers")
        }
        return try file.withPage(page) { bytes in
            rows.map { UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
        }
    }

    // MARK: Spans

    /// The rows of some traces.
    func rows(ofTraces traces: Range<Int>) throws(PartDamage) -> Range<Int> {
        let firsts = try firstRows()
        return firsts[traces.lowerBound]..<firsts[traces.upperBound]
    }

    func spanIDs(rows: Range<Int>) throws(PartDamage) -> [UInt64] {
        if let known = existing(.spanIDs, as: [UInt64].self) { return Array(known[rows]) }
        // Read without decoding, wherever they lie.
        return try words(.spanIDs, rows)
    }

    func parentIDs(ofTraces traces: Range<Int>) throws(PartDamage) -> [UInt64] {
        let firsts = try firstRows()
        let rows = try rows(ofTraces: traces)
        // Ids of parents that are not here lie in the order of the rows that have them.
        let codes = try integers(.parents, count: summary.rows, 0..<rows.upperBound)
        func foreign(_ rows: Range<Int>) -> Int { rows.reduce(0) { $0 + (codes[$1] == 1 ? 1 : 0) } }
        let firstForeign = foreign(0..<rows.lowerBound)
        let foreignIDs = try words(.foreignParents, firstForeign..<firstForeign + foreign(rows))
        let ids = try spanIDs(rows: rows)
        var parents = [UInt64](repeating: 0, count: rows.count)
        var nextForeign = 0
        for trace in traces {
            let first = firsts[trace]
            for row in first..<firsts[trace + 1] where codes[row] != 0 {
                if codes[row] == 1 {
                    parents[row - rows.lowerBound] = foreignIDs[nextForeign]
                    nextForeign += 1
                } else {
                    guard codes[row] - 2 < UInt64(firsts[trace + 1] - first) else {
                        throw damage("a parent is out of range")
                    }
                    parents[row - rows.lowerBound] = ids[first - rows.lowerBound + Int(codes[row] - 2)]
                }
            }
        }
        return parents
    }

    /// Unix nanoseconds.
    func startTimes(ofTraces traces: Range<Int>) throws(PartDamage) -> [UInt64] {
        let (firsts, bounds) = (try firstRows(), try traceBounds())
        let rows = try rows(ofTraces: traces)
        let deltas = try integers(.startDeltas, count: summary.rows, rows)
        return [UInt64](unsafeUninitializedCapacity: rows.count) { out, filled in
            for trace in traces {
                var start = bounds[trace].start
                for place in (firsts[trace] - rows.lowerBound)..<(firsts[trace + 1] - rows.lowerBound) {
                    start &+= deltas[place]
                    out[place] = start
                }
            }
            filled = rows.count
        }
    }

    /// Nanoseconds.
    func durations(rows: Range<Int>) throws(PartDamage) -> [Int64] {
        try integers(.durations, count: summary.rows, rows).map { Int64(bitPattern: $0 ^ 1 << 63) }
    }

    // MARK: Attributes

    /// Rows of a scope's table.
    func rowCount(_ scope: AttributeScopeTable) -> Int {
        switch scope {
        case .spans: summary.rows
        case .events: summary.events
        case .links: summary.links
        }
    }

    /// The shapes of some rows of a scope.
    func shapeRows(_ scope: AttributeScopeTable, _ rows: Range<Int>) throws(PartDamage) -> [UInt64] {
        let column: PartColumn =
            switch scope {
            case .spans: .shapes
            case .events: .eventShapes
            case .links: .linkShapes
            }
        let shapes = try integers(column, count: rowCount(scope), rows)
        let count = UInt64(try attributes(scope).shapeCount)
        guard shapes.allSatisfy({ $0 < count }) || count == 0 && shapes.allSatisfy({ $0 == 0 }) else {
            throw damage("a row has a shape that is not there")
        }
        return shapes
    }

    /// Some of a slot's values, which are numbered in the order of the rows that have one.
    ///
    /// - Parameter rare: the page of the scope's rare values, where the slot's are among those.
    func values(
        _ slot: AttributeSlot, _ numbers: Range<Int>, rare: [UInt8]
    ) throws(PartDamage) -> StoredValues {
        if case .none = slot.place { return StoredValues(strings: .none, codes: []) }
        guard numbers.upperBound <= slot.count else { throw damage("a value is missing") }
        switch slot.place {
        case .none, .column(.bytes): throw damage("an attribute's column is one of bytes")
        case .column(.strings(let column)): return try decode(column, rows: numbers)
        case .column(.integers(let column)):
            let codes = try decode(column, rows: numbers).map { AttributeSlot.bits($0, slot.kind) }
            return StoredValues(strings: .none, codes: codes)
        case .rest(let offset, let count):
            let all = try checked { () throws(PartFormatError) in
                try Bytes.of(rare) { bytes throws(PartFormatError) in
                    try Self.rare(slot.kind, bytes, offset: offset, count: count)
                }
            }
            return all[numbers]
        }
    }

    /// The same for a slot of a scope, from the cache if it has the slot as a whole.
    func values(
        _ index: Int, _ scope: AttributeScopeTable, _ numbers: Range<Int>, rare: [UInt8]
    ) throws(PartDamage) -> StoredValues {
        let slot = try attributes(scope).slots[index]
        if let known = existing(.slot(scope, index), as: StoredValues.self), numbers.upperBound <= known.codes.count {
            return known[numbers]
        }
        if readsWhole, numbers.upperBound <= slot.count { return try values(index, scope)[numbers] }
        return try values(slot, numbers, rare: rare)
    }

    private static func rare(
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
