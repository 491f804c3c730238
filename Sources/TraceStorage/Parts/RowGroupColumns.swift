import MartletCore
import TraceQL
import Wire

/// Makes the query engine's columns from a row group, reading only what they need.
struct RowGroupColumns {
    let group: RowGroup
    let limits: AttributeLimits

    /// The tables of attributes with the scopes that they are.
    static let tables: [(AttributeScopeTable, AttributeScope)] = [(.spans, .span), (.events, .event), (.links, .link)]

    private var summary: GroupSummary { group.summary }

    /// A column of the right length in which every value is missing.
    func empty(_ operand: Operand) -> ValueColumn {
        switch operand.space {
        case .span: ValueColumn(count: summary.rows)
        case .event: ValueColumn(count: summary.events)
        case .link: ValueColumn(count: summary.links)
        }
    }

    func column(_ operand: Operand) throws(PartDamage) -> ValueColumn {
        switch operand {
        case .intrinsic(let intrinsic): return try column(of: intrinsic) ?? empty(operand)
        case .attribute(let scope, let key): return try attribute(scope, key)
        case .parent: return empty(operand)
        }
    }

    func contexts() throws(PartDamage) -> GroupContexts {
        try group.cached(.contexts, memory: { $0.memory }) { () throws(PartDamage) in
            let table = try group.bytes(.contextTable)
            do throws(PartFormatError) {
                return try Bytes.of(table) { bytes throws(PartFormatError) in
                    try GroupContexts(decoding: bytes, limits: limits)
                }
            } catch {
                throw group.damage(error.description)
            }
        }
    }

    // MARK: Keys

    /// The contexts of some rows.
    func contexts(of rows: Bitmap) throws(PartDamage) -> Bitmap {
        let numbers = try group.integers(.contexts, count: summary.rows)
        var contexts = Bitmap(count: try self.contexts().count)
        var isSound = true
        rows.forEach { row in
            if numbers[row] < UInt64(contexts.count) { contexts[Int(numbers[row])] = true } else { isSound = false }
        }
        guard isSound else { throw group.damage("a context is out of range") }
        return contexts
    }

    /// The slots of a table of attributes that some rows' spans have, by their shapes: no values are read.
    func slots(_ scope: AttributeScopeTable, of rows: Bitmap) throws(PartDamage) -> [AttributeSlot] {
        let slots = try group.attributes(scope).slots
        if slots.isEmpty || rows.isEmpty { return [] }
        let shapeRows = try group.shapeRows(scope)
        let shapes = try group.shapes(scope).slots
        if shapes.isEmpty { return [] }
        var present = Bitmap(count: shapes.count)
        switch scope {
        case .spans: rows.forEach { present[Int(shapeRows[$0])] = true }
        case .events, .links:
            let offsets =
                scope == .events
                ? try group.childOffsets(.eventCounts, total: summary.events)
                : try group.childOffsets(.linkCounts, total: summary.links)
            rows.forEach { row in
                for child in Int(offsets[row])..<Int(offsets[row + 1]) { present[Int(shapeRows[child])] = true }
            }
        }
        var found = Bitmap(count: slots.count)
        present.forEach { for slot in shapes[$0] { found[slot] = true } }
        return slots.indices.filter { found[$0] }.map { slots[$0] }
    }

    // MARK: Intrinsics

    private func column(of intrinsic: Intrinsic) throws(PartDamage) -> ValueColumn? {
        switch intrinsic {
        case .name: return texts(try group.strings(.names, count: summary.rows), count: summary.rows)
        case .status: return integers(try group.integers(.statuses, count: summary.rows)) { $0 & 0x7F }
        case .kind: return integers(try group.integers(.kinds, count: summary.rows)) { $0 }
        case .duration: return integers(try group.integers(.durations, count: summary.rows)) { $0 ^ 1 << 63 }
        case .statusMessage: return try statusMessages()
        case .instrumentationName, .instrumentationVersion: return try spread(contexts().text(intrinsic))
        case .eventName: return texts(try group.strings(.eventNames, count: summary.events), count: summary.events)
        case .eventTimeSinceStart:
            return integers(try group.integers(.eventTimes, count: summary.events)) { $0 ^ 1 << 63 }
        case .linkTraceID, .linkSpanID: return try linkIDs(intrinsic)
        default: return nil
        }
    }

    private func texts(_ values: StoredValues?, count: Int) -> ValueColumn {
        guard let values else {
            var strings = ListedStrings()
            let code = UInt64(strings.add([]))
            var column = ValueColumn(count: count, .string) { _ in code }
            column.dictionary = strings
            return column
        }
        var column = ValueColumn(count: 0)
        column.tags = [UInt8](repeating: ValueColumn.Tag.string.rawValue, count: values.codes.count)
        column.bits = values.codes
        column.dictionary = values.strings
        return column
    }

    @inline(__always)
    private func integers(_ values: [UInt64], _ bits: (UInt64) -> UInt64) -> ValueColumn {
        values.withUnsafeBufferPointer { values in ValueColumn(count: values.count, .int) { bits(values[$0]) } }
    }

    private func statusMessages() throws(PartDamage) -> ValueColumn {
        var column = texts(nil, count: summary.rows)
        guard case .integers(let rows)? = try group.directory().columns[.extraRows],
            let messages = try group.strings(.statusMessages, count: rows.count)
        else { return column }
        var joined = JoinedStrings(column.dictionary)
        var row = 0
        for (index, delta) in try group.integers(.extraRows, count: rows.count).enumerated() {
            row += Int(clamping: min(delta, UInt64(summary.rows)))
            guard row < summary.rows else { throw group.damage("a row of the extras is out of range") }
            column.bits[row] = UInt64(joined.code(of: UInt32(messages.codes[index]), in: messages.strings))
        }
        column.dictionary = joined
        return column
    }

    private func linkIDs(_ intrinsic: Intrinsic) throws(PartDamage) -> ValueColumn {
        let ids = try group.bytes(.linkIDs)
        guard ids.count == summary.links * 24 else { throw group.damage("ids of links are missing") }
        var column = ValueColumn(count: summary.links)
        var strings = ListedStrings()
        for link in 0..<summary.links {
            let bytes =
                intrinsic == .linkTraceID ? ids[link * 24..<link * 24 + 16] : ids[link * 24 + 16..<link * 24 + 24]
            var text: [UInt8] = []
            bytes.withUnsafeBytes { Hex.append($0, to: &text) }
            column.set(link, .string, UInt64(strings.add(text)))
        }
        column.dictionary = strings
        return column
    }

    // MARK: Attributes

    private func attribute(_ scope: AttributeScope, _ key: String) throws(PartDamage) -> ValueColumn {
        switch scope {
        case .span: return try stored(.spans, key)
        case .event: return try stored(.events, key)
        case .link: return try stored(.links, key)
        case .resource, .instrumentation: return try spread(contexts().attribute(scope, key))
        case .any:
            var column = try stored(.spans, key)
            let contexts = try contexts()
            if contexts.has(.resource, key) { merge(&column, try spread(contexts.attribute(.resource, key))) }
            for (table, id, total) in [
                (AttributeScopeTable.events, PartColumn.eventCounts, summary.events),
                (.links, .linkCounts, summary.links),
            ] where try group.attributes(table).slots.contains(where: { $0.key.elementsEqual(key.utf8) }) {
                merge(
                    &column, children: try stored(table, key), offsets: try group.childOffsets(id, total: total))
            }
            if contexts.has(.instrumentation, key) {
                merge(&column, try spread(contexts.attribute(.instrumentation, key)))
            }
            return column
        }
    }

    /// The values of contexts, given to their rows.
    private func spread(_ values: ValueColumn) throws(PartDamage) -> ValueColumn {
        let numbers = try group.integers(.contexts, count: summary.rows)
        guard numbers.allSatisfy({ $0 < UInt64(values.tags.count) }) else {
            throw group.damage("a context is out of range")
        }
        var column = values
        column.tags = [UInt8](unsafeUninitializedCapacity: numbers.count) { out, filled in
            for row in numbers.indices { out[row] = values.tags[Int(numbers[row])] }
            filled = numbers.count
        }
        column.bits = [UInt64](unsafeUninitializedCapacity: numbers.count) { out, filled in
            for row in numbers.indices { out[row] = values.bits[Int(numbers[row])] }
            filled = numbers.count
        }
        return column
    }

    /// The first value of a key for each row of a scope's table.
    private func stored(_ scope: AttributeScopeTable, _ key: String) throws(PartDamage) -> ValueColumn {
        let slots = try group.attributes(scope).slots
        let targets = slots.indices.filter { slots[$0].key.elementsEqual(key.utf8) }
        let count =
            switch scope {
            case .spans: summary.rows
            case .events: summary.events
            case .links: summary.links
            }
        var column = ValueColumn(count: count)
        if targets.isEmpty { return column }
        let rows = try group.shapeRows(scope)
        // For each shape the targets that it has, in order.
        let shapes = try group.shapes(scope).slots.map { $0.compactMap { targets.firstIndex(of: $0) } }
        var values: [ValueColumn] = []
        var needed = [Int](repeating: 0, count: targets.count)
        for row in rows { for target in shapes[Int(row)] { needed[target] += 1 } }
        for (index, target) in targets.enumerated() {
            let kind = slots[target].kind
            let stored = try group.values(target, scope)
            guard kind == .empty || stored.codes.count == needed[index] else {
                throw group.damage("a key has \(stored.codes.count) values")
            }
            values.append(
                kind == .empty ? ValueColumn(count: needed[index]) : Self.values(stored, kind, &column))
        }
        if let strings = values.first(where: { $0.dictionary.count > 0 }) { column.dictionary = strings.dictionary }
        var next = [Int](repeating: 0, count: targets.count)
        column.tags.withUnsafeMutableBufferPointer { tags in
            column.bits.withUnsafeMutableBufferPointer { bits in
                for row in rows.indices {
                    let present = shapes[Int(rows[row])]
                    guard let first = present.first else { continue }
                    tags[row] = values[first].tags[next[first]]
                    bits[row] = values[first].bits[next[first]]
                    for target in present { next[target] += 1 }
                }
            }
        }
        return column
    }

    /// Values of one type with their tags; arrays go to `column`.
    private static func values(
        _ stored: StoredValues, _ kind: AttributeSlot.Kind, _ column: inout ValueColumn
    ) -> ValueColumn {
        var values = ValueColumn(count: 0)
        let tag: ValueColumn.Tag =
            switch kind {
            case .string: .string
            case .int: .int
            case .double: .double
            case .bool: .bool
            case .empty, .encoded: .missing
            }
        values.tags = [UInt8](repeating: tag.rawValue, count: stored.codes.count)
        values.bits = stored.codes
        if kind == .string { values.dictionary = stored.strings }
        guard kind == .encoded else { return values }
        for (row, code) in stored.codes.enumerated() {
            let elements = stored.strings.withBytes(of: UInt32(truncatingIfNeeded: code), EncodedArray.elements)
            if let elements {
                values.set(row, .array, UInt64(column.arrays.count))
                column.arrays.append(elements)
            } else {
                values.set(row, .opaque, 0)
            }
        }
        return values
    }

    // MARK: Several scopes

    /// Fills what is missing with the values of another column.
    private func merge(_ column: inout ValueColumn, _ other: ValueColumn) {
        var joined = JoinedStrings(column.dictionary)
        var codes: [UInt64: UInt64] = [:]
        for row in column.tags.indices where column.tags[row] == 0 && other.tags[row] != 0 {
            set(&column, row, other, row, &joined, &codes)
        }
        column.dictionary = joined
    }

    private func set(
        _ column: inout ValueColumn, _ row: Int, _ other: ValueColumn, _ place: Int, _ joined: inout JoinedStrings,
        _ codes: inout [UInt64: UInt64]
    ) {
        var bits = other.bits[place]
        switch ValueColumn.Tag(rawValue: other.tags[place]) {
        case .string:
            let code = codes[bits] ?? UInt64(joined.code(of: UInt32(bits), in: other.dictionary))
            codes[bits] = code
            bits = code
        case .array:
            column.arrays.append(other.arrays[Int(bits)])
            bits = UInt64(column.arrays.count - 1)
        default: break
        }
        column.tags[row] = other.tags[place]
        column.bits[row] = bits
    }

    /// Fills what is missing with the values of events or links; several become an array.
    private func merge(_ column: inout ValueColumn, children: ValueColumn, offsets: [UInt32]) {
        var joined = JoinedStrings(column.dictionary)
        var codes: [UInt64: UInt64] = [:]
        for row in column.tags.indices where column.tags[row] == 0 {
            let present = (Int(offsets[row])..<Int(offsets[row + 1])).filter { children.tags[$0] != 0 }
            guard let first = present.first else { continue }
            if present.count == 1, children.tags[first] != ValueColumn.Tag.array.rawValue {
                set(&column, row, children, first, &joined, &codes)
            } else {
                column.set(row, .array, UInt64(column.arrays.count))
                column.arrays.append(
                    present.flatMap { place -> [Value] in
                        let value = children.value(place)
                        if case .array(let elements) = value { return elements }
                        return value == .opaque ? [] : [value]
                    })
            }
        }
        column.dictionary = joined
    }
}
