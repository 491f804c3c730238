import MartletCore

/// Brings traces of a row group back into memory, as they were.
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
        self.group = group
        self.limits = limits
        self.traces = traces
        firsts = try group.firstRows()
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
            part.traces.append(
                MemoryPart.Trace(
                    high: id.high, low: id.low, firstRow: first < end ? UInt32(first) : .max,
                    lastRow: first < end ? UInt32(end - 1) : .max, start: bounds[trace].start, end: bounds[trace].end,
                    bytes: Int(clamping: bytes[trace]), olderBytes: 0, older: .none))
            for row in first..<end {
                part.traceNumbers.append(UInt32(part.traces.count - 1))
                part.nextRows.append(row + 1 < end ? UInt32(row + 1) : .max)
            }
            part.encodedBytes += Int(clamping: bytes[trace])
            part.earliestStart = min(part.earliestStart, bounds[trace].start)
            part.latestTraceStart = max(part.latestTraceStart, bounds[trace].start)
            part.latestEnd = max(part.latestEnd, bounds[trace].end)
        }
    }

    private func numbers(_ id: PartColumn) throws(PartDamage) -> ArraySlice<UInt64> {
        try group.integers(id, count: group.summary.rows)[rows]
    }

    private mutating func decodeSpans() throws(PartDamage) {
        part.spanIDs = Array(try group.spanIDs()[rows])
        part.parentIDs = Array(try group.parentIDs()[rows])
        part.startTimes = Array(try group.startTimes()[rows])
        part.durations = Array(try group.durations()[rows])
        part.names = try symbols(.names, count: group.summary.rows, in: rows)
        part.kinds = try numbers(.kinds).map { UInt8(truncatingIfNeeded: $0) }
        part.statuses = try numbers(.statuses).map { UInt8(truncatingIfNeeded: $0) }
        part.flags = try numbers(.flags).map { UInt32(truncatingIfNeeded: $0) }
    }

    /// The symbols of a column of strings.
    private mutating func symbols(
        _ id: PartColumn, count: Int, in range: Range<Int>
    ) throws(PartDamage) -> [UInt32] {
        guard let values = try group.strings(id, count: count) else {
            return [UInt32](repeating: 0, count: range.count)
        }
        var known = [UInt32](repeating: .max, count: values.strings.count)
        return values.codes[range].map { symbol(UInt32(truncatingIfNeeded: $0), values.strings, &known) }
    }

    private mutating func symbol(_ code: UInt32, _ strings: StoredStrings, _ known: inout [UInt32]) -> UInt32 {
        if known[Int(code)] == .max { known[Int(code)] = strings.withBytes(of: code) { part.symbols.intern($0) } }
        return known[Int(code)]
    }

    private mutating func decodeContexts() throws(PartDamage) {
        let table = try group.bytes(.contextTable)
        let numbers = try numbers(.contexts)
        var known: [UInt32] = []
        let failure = table.withUnsafeBytes { bytes -> String? in
            var cursor = ByteCursor(bytes)
            do throws(ByteCursorError) {
                while !cursor.isAtEnd {
                    known.append(
                        part.context(
                            resource: try cursor.uvarintBytes(), resourceSchema: try cursor.uvarintBytes(),
                            scope: try cursor.uvarintBytes(), scopeSchema: try cursor.uvarintBytes(), limits: limits))
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
        let rows = try group.shapeRows(scope)
        let slots = try group.attributes(scope).slots
        var isUsed = [Bool](repeating: false, count: slots.count)
        for row in range where !shapes.isEmpty { for slot in shapes[Int(rows[row])] { isUsed[slot] = true } }
        var values: [StoredValues] = []
        var keys: [UInt32] = []
        var known: [[UInt32]] = []
        for (index, slot) in slots.enumerated() {
            values.append(isUsed[index] ? try group.values(index, scope) : StoredValues(strings: .none, codes: []))
            known.append([UInt32](repeating: .max, count: values[index].strings.count))
            keys.append(isUsed[index] ? slot.key.withUnsafeBytes { part.symbols.intern($0) } : 0)
            if isUsed[index] { part.note(keys[index], use) }
        }
        // Where each slot's values of the first row begin.
        var counts = [Int](repeating: 0, count: shapes.count)
        for row in 0..<range.lowerBound where !shapes.isEmpty { counts[Int(rows[row])] += 1 }
        var next = [Int](repeating: 0, count: slots.count)
        for (shape, count) in counts.enumerated() where count > 0 { for slot in shapes[shape] { next[slot] += count } }
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
        if places.isEmpty { return }
        let all = 0..<column.count
        let states = try symbols(.traceStates, count: column.count, in: all)
        let messages = try symbols(.statusMessages, count: column.count, in: all)
        func numbers(_ id: PartColumn) throws(PartDamage) -> [UInt32] {
            try group.integers(id, count: column.count).map { UInt32(truncatingIfNeeded: $0) }
        }
        let (kinds, statuses) = (try numbers(.extraKinds), try numbers(.extraStatuses))
        let (attributes, events, links) = (
            try numbers(.droppedAttributes), try numbers(.droppedEvents), try numbers(.droppedLinks)
        )
        for (index, row) in places {
            part.extraRows.append(UInt32(row))
            part.extras.append(
                MemoryPart.Extras(
                    traceState: states[index], statusMessage: messages[index], kind: Int32(bitPattern: kinds[index]),
                    status: Int32(bitPattern: statuses[index]), droppedAttributes: attributes[index],
                    droppedEvents: events[index], droppedLinks: links[index]))
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
        let times = try group.integers(.eventTimes, count: total)
        let names = try symbols(.eventNames, count: total, in: indices)
        let dropped = try group.integers(.eventDropped, count: total)
        let bounds = try sharedWords(.events, indices, use: MemoryPart.KeyUse.event)
        for (place, index) in indices.enumerated() {
            part.eventRows.append(owners[place])
            part.events.append(
                MemoryPart.Event(
                    time: part.startTimes[Int(owners[place])] &+ (times[index] ^ 1 << 63), name: names[place],
                    dropped: UInt32(truncatingIfNeeded: dropped[index]), attributes: bounds[place]))
        }
    }

    private mutating func decodeLinks() throws(PartDamage) {
        let total = group.summary.links
        let (indices, owners) = try children(.linkCounts, total: total)
        if indices.isEmpty { return }
        let ids = try group.bytes(.linkIDs)
        guard ids.count == total * 24 else { throw group.damage("ids of links are missing") }
        let states = try symbols(.linkStates, count: total, in: indices)
        let dropped = try group.integers(.linkDropped, count: total)
        let flags = try group.integers(.linkFlags, count: total)
        let bounds = try sharedWords(.links, indices, use: MemoryPart.KeyUse.link)
        for (place, index) in indices.enumerated() {
            let id = ids.withUnsafeBytes { bytes in
                (0..<3).map {
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 24 + $0 * 8, as: UInt64.self))
                }
            }
            part.linkRows.append(owners[place])
            part.links.append(
                MemoryPart.Link(
                    traceHigh: id[0], traceLow: id[1], span: id[2], traceState: states[place],
                    dropped: UInt32(truncatingIfNeeded: dropped[index]),
                    flags: UInt32(truncatingIfNeeded: flags[index]), attributes: bounds[place]))
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
