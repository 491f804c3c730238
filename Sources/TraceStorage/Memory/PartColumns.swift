import MartletCore
import TraceQL
import Wire

/// Makes the query engine's columns from a part.
struct PartColumns {
    private let box: PartBox
    private var part: MemoryPart { box.part }

    init(_ box: PartBox) {
        self.box = box
    }

    func column(_ operand: Operand) -> ValueColumn {
        var column =
            switch operand {
            case .intrinsic(let intrinsic): column(of: intrinsic)
            case .attribute(let scope, let key): column(of: scope, key)
            case .parent: ValueColumn(count: part.count)
            }
        if column.dictionary.count == 0 { column.dictionary = box }
        return column
    }

    // MARK: Intrinsics

    private func column(of intrinsic: Intrinsic) -> ValueColumn {
        switch intrinsic {
        case .name: symbols(part.names)
        case .status: integers(part.statuses) { UInt64($0 & ~MemoryPart.statusSent) }
        case .kind: integers(part.kinds) { UInt64($0) }
        case .duration: integers(part.durations) { UInt64(bitPattern: $0) }
        case .statusMessage: statusMessages()
        case .instrumentationName: symbols(byContext { $0.scopeName })
        case .instrumentationVersion: symbols(byContext { $0.scopeVersion })
        case .eventName: symbols(part.events.map(\.name))
        case .eventTimeSinceStart: integers(eventOffsets()) { UInt64(bitPattern: $0) }
        case .linkTraceID:
            hex(part.links.map { Hex.text(OTLP.TraceID(high: $0.traceHigh, low: $0.traceLow).bytes) })
        case .linkSpanID: hex(part.links.map { Hex.text(OTLP.SpanID($0.span).bytes) })
        default: ValueColumn(count: part.count)
        }
    }

    private func symbols(_ codes: [UInt32]) -> ValueColumn {
        codes.withUnsafeBufferPointer { codes in ValueColumn(count: codes.count, .string) { UInt64(codes[$0]) } }
    }

    @inline(__always)
    private func integers<Element>(_ values: [Element], _ bits: (Element) -> UInt64) -> ValueColumn {
        values.withUnsafeBufferPointer { values in ValueColumn(count: values.count, .int) { bits(values[$0]) } }
    }

    private func byContext(_ symbol: (MemoryPart.Context) -> UInt32) -> [UInt32] {
        let symbols = part.contexts.map(symbol)
        return part.contextNumbers.map { symbols[Int($0)] }
    }

    private func statusMessages() -> ValueColumn {
        var column = symbols([UInt32](repeating: 0, count: part.count))
        for (row, extras) in zip(part.extraRows, part.extras) { column.bits[Int(row)] = UInt64(extras.statusMessage) }
        return column
    }

    private func eventOffsets() -> [Int64] {
        zip(part.eventRows, part.events).map { row, event in
            Int64(bitPattern: event.time &- part.startTimes[Int(row)])
        }
    }

    private func hex(_ texts: [String]) -> ValueColumn {
        var strings = ListedStrings()
        var column = ValueColumn(count: texts.count)
        for row in texts.indices { column.set(row, .string, UInt64(strings.add(Array(texts[row].utf8)))) }
        column.dictionary = strings
        return column
    }

    // MARK: Attributes

    private func column(of scope: AttributeScope, _ key: String) -> ValueColumn {
        let symbol = part.symbols.lookup(key)
        switch scope {
        case .event:
            var column = ValueColumn(count: part.events.count)
            if let symbol { fill(&column, symbol, part.events.map(\.attributes)) }
            return column
        case .link:
            var column = ValueColumn(count: part.links.count)
            if let symbol { fill(&column, symbol, part.links.map(\.attributes)) }
            return column
        default:
            var column = ValueColumn(count: part.count)
            guard let symbol else { return column }
            if scope == .span || scope == .any { fillFromSpans(&column, symbol) }
            if scope == .resource || scope == .any { fillFromContexts(&column, symbol) { $0.resourceAttributes } }
            if scope == .any {
                fillFromChildren(&column, self.column(of: .event, key), part.eventRows)
                fillFromChildren(&column, self.column(of: .link, key), part.linkRows)
            }
            if scope == .instrumentation || scope == .any { fillFromContexts(&column, symbol) { $0.scopeAttributes } }
            return column
        }
    }

    private func fillFromSpans(_ column: inout ValueColumn, _ key: UInt32) {
        let count = part.count
        part.words.withUnsafeBufferPointer { words in
            part.attributeStarts.withUnsafeBufferPointer { starts in
                for row in 0..<count {
                    var position = Int(starts[row])
                    let end = row + 1 < count ? Int(starts[row + 1]) : words.count
                    while position < end {
                        if words[position] >> 3 == key {
                            set(&column, row, AttributeWord(words[position], words[position + 1]))
                            break
                        }
                        position += 2
                    }
                }
            }
        }
    }

    /// The values of a key of resources or scopes, one for each of the contexts.
    func contextColumn(_ scope: AttributeScope, _ key: String, _ contexts: [UInt32]) -> ValueColumn {
        var values = ValueColumn(count: contexts.count)
        if let symbol = part.symbols.lookup(key) {
            for (index, number) in contexts.enumerated() {
                let context = part.contexts[Int(number)]
                let bounds = scope == .resource ? context.resourceAttributes : context.scopeAttributes
                if let word = find(symbol, bounds) { set(&values, index, word) }
            }
        }
        values.dictionary = box
        return values
    }

    private func fillFromContexts(
        _ column: inout ValueColumn, _ key: UInt32, _ bounds: (MemoryPart.Context) -> Range<Int>
    ) {
        // One value for each context first; arrays are decoded once and shared by their rows.
        var values = ValueColumn(count: part.contexts.count)
        values.arrays = column.arrays
        for (index, context) in part.contexts.enumerated() {
            if let word = find(key, bounds(context)) { set(&values, index, word) }
        }
        column.arrays = values.arrays
        part.contextNumbers.withUnsafeBufferPointer { contexts in
            column.tags.withUnsafeMutableBufferPointer { tags in
                column.bits.withUnsafeMutableBufferPointer { bits in
                    for row in tags.indices where tags[row] == 0 {
                        tags[row] = values.tags[Int(contexts[row])]
                        bits[row] = values.bits[Int(contexts[row])]
                    }
                }
            }
        }
    }

    /// Values of events or links for the spans that have none of their own; several become an array.
    private func fillFromChildren(_ column: inout ValueColumn, _ children: ValueColumn, _ rows: [UInt32]) {
        var position = 0
        while position < rows.count {
            let row = Int(rows[position])
            var values: [Int] = []
            while position < rows.count, Int(rows[position]) == row {
                if children.tags[position] != 0 { values.append(position) }
                position += 1
            }
            guard column.tags[row] == 0, let first = values.first else { continue }
            if values.count == 1, children.tags[first] != ValueColumn.Tag.array.rawValue {
                column.tags[row] = children.tags[first]
                column.bits[row] = children.bits[first]
            } else {
                column.set(row, .array, UInt64(column.arrays.count))
                column.arrays.append(values.flatMap { elements(children, $0) })
            }
        }
    }

    private func elements(_ column: ValueColumn, _ row: Int) -> [Value] {
        switch ValueColumn.Tag(rawValue: column.tags[row]) {
        case .string: [.string(Array(part.symbols.bytes(of: UInt32(column.bits[row]))))]
        case .int: [.int(Int64(bitPattern: column.bits[row]))]
        case .double: [.double(Double(bitPattern: column.bits[row]))]
        case .bool: [.bool(column.bits[row] != 0)]
        case .array: column.arrays[Int(column.bits[row])]
        default: []
        }
    }

    private func fill(_ column: inout ValueColumn, _ key: UInt32, _ bounds: [Range<UInt32>]) {
        for row in bounds.indices {
            if let word = find(key, Int(bounds[row].lowerBound)..<Int(bounds[row].upperBound)) {
                set(&column, row, word)
            }
        }
    }

    private func find(_ key: UInt32, _ bounds: Range<Int>) -> AttributeWord? {
        for position in stride(from: bounds.lowerBound, to: bounds.upperBound, by: 2)
        where part.sharedWords[position] >> 3 == key {
            return AttributeWord(part.sharedWords[position], part.sharedWords[position + 1])
        }
        return nil
    }

    private func set(_ column: inout ValueColumn, _ row: Int, _ word: AttributeWord) {
        switch word.kind {
        case .empty: break
        case .string: column.set(row, .string, UInt64(word.payload))
        case .smallInt: column.set(row, .int, UInt64(bitPattern: Int64(Int32(bitPattern: word.payload))))
        case .wideInt: column.set(row, .int, part.wides[Int(word.payload)])
        case .double: column.set(row, .double, part.wides[Int(word.payload)])
        case .bool: column.set(row, .bool, UInt64(word.payload))
        case .encoded:
            guard let elements = part.symbols.withBytes(of: word.payload, EncodedArray.elements) else {
                column.set(row, .opaque, 0)
                return
            }
            column.set(row, .array, UInt64(column.arrays.count))
            column.arrays.append(elements)
        }
    }
}
