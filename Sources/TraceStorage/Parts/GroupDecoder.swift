import MartletCore

/// Brings traces of a row group back into memory, as they were. Of a few traces only their own rows and strings are decoded;
/// what is read from its beginning is what counts rows.
struct GroupDecoder {
    private let group: RowGroup
    private let limits: AttributeLimits
    private let traces: Range<Int>
    private let rows: Range<Int>
    private let firsts: [Int]
    private var part = MemoryPart(serial: 0)

    /// - Parameters:
    ///   - traces: numbers in the group.
    ///   - limits: to which the attributes of resources and scopes are cut for queries.
    init(_ group: RowGroup, traces: Range<Int>, limits: AttributeLimits) throws(PartDamage) {
        self.group = try group.open()
        self.limits = limits
        self.traces = traces
        firsts = try self.group.firstRows()
        rows = firsts[traces.lowerBound]..<firsts[traces.upperBound]
    }

    /// The traces as a part without an index, in the order of the group.
    mutating func decode() throws(PartDamage) -> MemoryPart {
        try decodeTraces()
        try decodeSpans()
        try decodeContexts()
        try decodeAttributes()
        try decodeExtras()
        try decodeEvents()
        try decodeLinks()
        return part
    }

    // MARK: Traces and spans

    private mutating func decodeTraces() throws(PartDamage) {
        let bounds = try group.traceBounds()
        let bytes = try group.integers(.traceBytes, count: group.summary.traces)
        for trace in traces {
            let id = try group.file.id(ofTrace: group.file.firstTraces[group.index] + trace)
            let first = firsts[trace] - rows.lowerBound
            let end = firsts[trace + 1] - rows.lowerBound
            let total = Int(clamping: bytes[trace])
            part.traces.append(
                MemoryPart.Trace(
                    high: id.high, low: id.low, firstRow: first < end ? UInt32(first) : .max,
                    lastRow: first < end ? UInt32(end - 1) : .max, start: bounds[trace].start, end: bounds[trace].end,
                    bytes: total, olderBytes: 0, older: .none))
            let (mean, rest) = total.quotientAndRemainder(dividingBy: max(1, end - first))
            for row in first..<end {
                part.sizes.append(UInt32(clamping: row == first ? mean + rest : mean))
                part.traceNumbers.append(UInt32(part.traces.count - 1))
                part.nextRows.append(row + 1 < end ? UInt32(row + 1) : .max)
            }
            part.encodedBytes += total
            part.earliestStart = min(part.earliestStart, bounds[trace].start)
            part.latestTraceStart = max(part.latestTraceStart, bounds[trace].start)
            part.latestEnd = max(part.latestEnd, bounds[trace].end)
        }
    }

    private func numbers(_ id: PartColumn) throws(PartDamage) -> [UInt64] {
        try group.integers(id, count: group.summary.rows, rows)
    }

    private mutating func decodeSpans() throws(PartDamage) {
        part.spanIDs = try group.spanIDs(rows: rows)
        part.parentIDs = try group.parentIDs(ofTraces: traces)
        part.startTimes = try group.startTimes(ofTraces: traces)
        part.durations = try group.durations(rows: rows)
        part.names = try symbols(.names, count: group.summary.rows, in: rows)
        part.kinds = try numbers(.kinds).map { UInt8(truncatingIfNeeded: $0) }
        part.statuses = try numbers(.statuses).map { UInt8(truncatingIfNeeded: $0) }
        part.flags = try numbers(.flags).map { UInt32(truncatingIfNeeded: $0) }
    }

    /// The symbols of some rows of a column of strings.
    private mutating func symbols(
        _ id: PartColumn, count: Int, in range: Range<Int>
    ) throws(PartDamage) -> [UInt32] {
        guard let values = try group.strings(id, count: count, range) else {
            return [UInt32](repeating: 0, count: range.count)
        }
        var known = [UInt32](repeating: .max, count: values.strings.count)
        return values.codes.map { symbol(UInt32(truncatingIfNeeded: $0), values.strings, &known) }
    }

    private mutating func symbol(_ code: UInt32, _ strings: StoredStrings, _ known: inout [UInt32]) -> UInt32 {
        if known[Int(code)] == .max { known[Int(code)] = strings.withBytes(of: code) { part.symbols.intern($0) } }
        return known[Int(code)]
    }

    private mutating func decodeContexts() throws(PartDamage) {
        let table = try group.bytes(.contextTable)
        let numbers = try numbers(.contexts)
        let used = Set(numbers)
        var known: [UInt32] = []
        let failure = table.withUnsafeBytes { bytes -> String? in
            var cursor = ByteCursor(bytes)
            do throws(ByteCursorError) {
                while !cursor.isAtEnd {
                    let (resource, resourceSchema) = (try cursor.uvarintBytes(), try cursor.uvarintBytes())
                    let (scope, scopeSchema) = (try cursor.uvarintBytes(), try cursor.uvarintBytes())
                    guard used.contains(UInt64(known.count)) else {
                        known.append(.max)
                        continue
                    }
                    known.append(
                        part.context(
                            resource: resource, resourceSchema: resourceSchema, scope: scope,
                            scopeSchema: scopeSchema, limits: limits))
                }
            } catch {
                return "\(error)"
            }
            return nil
        }
        if let failure { throw group.damage(failure) }
        for number in numbers {
            guard number < UInt64(known.count) else { throw group.damage("a context is out of range") }
            part.contextNumbers.append(known[Int(number)])
        }
    }

    // MARK: Attributes

    private mutating func decodeAttributes() throws(PartDamage) {
        var words: [UInt32] = []
        var starts: [UInt32] = []
        try forEachRow(.spans, rows, use: MemoryPart.KeyUse.span) { row in
            starts.append(UInt32(words.count))
            words.append(contentsOf: row)
        }
        part.words = words
        part.attributeStarts = starts
    }

    /// Gives the words of the attributes of every row in `range`, upwards.
    private mutating func forEachRow(
        _ scope: AttributeScopeTable, _ range: Range<Int>, use: UInt8, _ body: ([UInt32]) -> Void
    ) throws(PartDamage) {
        let shapes = try group.shapes(scope).slots
        let rows = try group.shapeRows(scope, 0..<range.upperBound)
        let slots = try group.attributes(scope).slots
        // Of each slot the values of the rows before, and those of the rows wanted.
        let before = Self.uses(of: slots.count, rows[..<range.lowerBound], shapes)
        let wanted = Self.uses(of: slots.count, rows[range], shapes)
        let isRareUsed = slots.indices.contains { wanted[$0] > 0 && slots[$0].isRare }
        let rare = try isRareUsed ? group.rareValues(scope) : []
        var values: [StoredValues] = []
        var keys: [UInt32] = []
        var known: [[UInt32]] = []
        for (index, slot) in slots.enumerated() {
            guard wanted[index] > 0 else {
                values.append(StoredValues(strings: .none, codes: []))
                keys.append(0)
                known.append([])
                continue
            }
            values.append(
                try group.values(index, scope, before[index]..<before[index] + wanted[index], rare: rare))
            keys.append(slot.key.withUnsafeBytes { part.symbols.intern($0) })
            known.append([UInt32](repeating: .max, count: values[index].strings.count))
            part.note(keys[index], use)
        }
        var next = [Int](repeating: 0, count: slots.count)
        var words: [UInt32] = []
        for row in range {
            words.removeAll(keepingCapacity: true)
            for slot in shapes.isEmpty ? [] : shapes[Int(rows[row])] {
                let kind = slots[slot].kind
                var bits: UInt64 = 0
                if kind != .empty {
                    guard next[slot] < values[slot].codes.count else { throw group.damage("a value is missing") }
                    bits = values[slot].codes[next[slot]]
                    next[slot] += 1
                }
                let word = word(keys[slot], kind, bits, values[slot].strings, &known[slot])
                words.append(word.first)
                words.append(word.payload)
            }
            body(words)
        }
    }

    /// How many values of each slot some rows have, which are given by their shapes.
    private static func uses(of slots: Int, _ rows: ArraySlice<UInt64>, _ shapes: [[Int]]) -> [Int] {
        var uses = [Int](repeating: 0, count: slots)
        if shapes.isEmpty { return uses }
        var counts = [Int](repeating: 0, count: shapes.count)
        for shape in rows { counts[Int(shape)] += 1 }
        for (shape, count) in counts.enumerated() where count > 0 { for slot in shapes[shape] { uses[slot] += count } }
        return uses
    }

    private mutating func word(
        _ key: UInt32, _ kind: AttributeSlot.Kind, _ bits: UInt64, _ strings: StoredStrings, _ known: inout [UInt32]
    ) -> AttributeWord {
        switch kind {
        case .empty: return AttributeWord(key: key, kind: .empty, payload: 0)
        case .bool: return AttributeWord(key: key, kind: .bool, payload: UInt32(truncatingIfNeeded: bits))
        case .double: return AttributeWord(key: key, kind: .double, payload: part.wide(bits))
        case .int:
            if let small = Int32(exactly: Int64(bitPattern: bits)) {
                return AttributeWord(key: key, kind: .smallInt, payload: UInt32(bitPattern: small))
            }
            return AttributeWord(key: key, kind: .wideInt, payload: part.wide(bits))
        case .string, .encoded:
            if kind == .encoded { part.hasArrays = true }
            return AttributeWord(
                key: key, kind: kind == .string ? .string : .encoded,
                payload: symbol(UInt32(truncatingIfNeeded: bits), strings, &known))
        }
    }

    // MARK: What few spans have

    private mutating func decodeExtras() throws(PartDamage) {
        guard case .integers(let column)? = try group.directory().columns[.extraRows] else { return }
        let deltas = try group.integers(.extraRows, count: column.count)
        var places: [(index: Int, row: Int)] = []
        var row = 0
        for (index, delta) in deltas.enumerated() {
            row = Int(clamping: delta) < group.summary.rows - row ? row + Int(delta) : group.summary.rows
            if rows.contains(row) { places.append((index, row - rows.lowerBound)) }
        }
        guard let first = places.first, let last = places.last else { return }
        let (count, range) = (column.count, first.index..<last.index + 1)
        let states = try symbols(.traceStates, count: count, in: range)
        let messages = try symbols(.statusMessages, count: count, in: range)
        func numbers(_ id: PartColumn) throws(PartDamage) -> [UInt32] {
            try group.integers(id, count: count, range).map { UInt32(truncatingIfNeeded: $0) }
        }
        let (kinds, statuses) = (try numbers(.extraKinds), try numbers(.extraStatuses))
        let (attributes, events, links) = (
            try numbers(.droppedAttributes), try numbers(.droppedEvents), try numbers(.droppedLinks)
        )
        for (index, row) in places {
            let place = index - first.index
            part.extraRows.append(UInt32(row))
            part.extras.append(
                MemoryPart.Extras(
                    traceState: states[place], statusMessage: messages[place], kind: Int32(bitPattern: kinds[place]),
                    status: Int32(bitPattern: statuses[place]), droppedAttributes: attributes[place],
                    droppedEvents: events[place], droppedLinks: links[place]))
        }
    }

    /// The children of the rows: their indices, and for each its row.
    private func children(
        _ id: PartColumn, total: Int
    ) throws(PartDamage) -> (indices: Range<Int>, owners: [UInt32]) {
        let offsets = try group.childOffsets(id, total: total)
        var owners: [UInt32] = []
        for row in rows {
            for _ in offsets[row]..<offsets[row + 1] { owners.append(UInt32(row - rows.lowerBound)) }
        }
        return (Int(offsets[rows.lowerBound])..<Int(offsets[rows.upperBound]), owners)
    }

    private mutating func decodeEvents() throws(PartDamage) {
        let total = group.summary.events
        let (indices, owners) = try children(.eventCounts, total: total)
        if indices.isEmpty { return }
        let times = try group.integers(.eventTimes, count: total, indices)
        let names = try symbols(.eventNames, count: total, in: indices)
        let dropped = try group.integers(.eventDropped, count: total, indices)
        let bounds = try sharedWords(.events, indices, use: MemoryPart.KeyUse.event)
        for place in 0..<indices.count {
            part.eventRows.append(owners[place])
            part.events.append(
                MemoryPart.Event(
                    time: part.startTimes[Int(owners[place])] &+ (times[place] ^ 1 << 63), name: names[place],
                    dropped: UInt32(truncatingIfNeeded: dropped[place]), attributes: bounds[place]))
        }
    }

    private mutating func decodeLinks() throws(PartDamage) {
        let total = group.summary.links
        let (indices, owners) = try children(.linkCounts, total: total)
        if indices.isEmpty { return }
        // Three numbers each.
        let ids = try group.words(.linkIDs, indices.lowerBound * 3..<indices.upperBound * 3)
        let states = try symbols(.linkStates, count: total, in: indices)
        let dropped = try group.integers(.linkDropped, count: total, indices)
        let flags = try group.integers(.linkFlags, count: total, indices)
        let bounds = try sharedWords(.links, indices, use: MemoryPart.KeyUse.link)
        for place in 0..<indices.count {
            part.linkRows.append(owners[place])
            part.links.append(
                MemoryPart.Link(
                    traceHigh: ids[place * 3], traceLow: ids[place * 3 + 1], span: ids[place * 3 + 2],
                    traceState: states[place], dropped: UInt32(truncatingIfNeeded: dropped[place]),
                    flags: UInt32(truncatingIfNeeded: flags[place]), attributes: bounds[place]))
        }
    }

    /// Adds the attributes of events or links; the result is where those of each lie.
    private mutating func sharedWords(
        _ scope: AttributeScopeTable, _ indices: Range<Int>, use: UInt8
    ) throws(PartDamage) -> [Range<UInt32>] {
        var words = part.sharedWords
        var bounds: [Range<UInt32>] = []
        try forEachRow(scope, indices, use: use) { row in
            bounds.append(UInt32(words.count)..<UInt32(words.count + row.count))
            words.append(contentsOf: row)
        }
        part.sharedWords = words
        return bounds
    }
}
