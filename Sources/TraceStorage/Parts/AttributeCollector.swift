import MartletCore

/// Collects the attributes of one scope for a row group: the shape of each row's attributes, and the values by key and type.
struct AttributeCollector {
    private struct Slot {
        let key: [UInt8]
        let kind: AttributeSlot.Kind
        var strings = StringColumnBuilder()
        var numbers: [UInt64] = []
        var count = 0
    }

    /// A sequence of keys and types as one source spells it.
    private struct SourceShape {
        let words: [UInt32]
        let slots: [Int]
        let shape: UInt64
    }

    /// What is known of one source: its symbols mean nothing elsewhere.
    private struct Source {
        var shapes: [SourceShape] = []
        /// Hash of the sequence → indices into `shapes`.
        var places: [UInt64: [Int]] = [:]
        var last = -1
        var slots: [UInt32: Int] = [:]
        /// Symbol → slot + 1 and code, in the upper and lower half; 0 when not known.
        var codes: [UInt64]
    }

    private struct SlotKey: Hashable {
        let key: [UInt8]
        let kind: AttributeSlot.Kind
    }

    private let sources: [PartBox]
    private var known: [Source]
    private var slots: [Slot] = []
    private var places: [SlotKey: Int] = [:]
    private var shapes: [[Int]: UInt64] = [:]
    private var shapeList: [[Int]] = []
    /// The shape of each row.
    private(set) var rows: [UInt64] = []

    /// Values that are rarer in a row group have no column of their own.
    static let rareness = 8

    init(_ sources: [PartBox]) {
        self.sources = sources
        known = sources.map { Source(codes: [UInt64](repeating: 0, count: $0.part.symbols.count)) }
    }

    /// Adds a row whose attributes are the pairs of words in `bounds`.
    mutating func append(source: Int, _ words: [UInt32], _ bounds: Range<Int>) {
        let shape = shape(source, words, bounds)
        rows.append(known[source].shapes[shape].shape)
        var position = bounds.lowerBound
        for index in known[source].shapes[shape].slots.indices {
            let slot = known[source].shapes[shape].slots[index]
            append(source, slot, AttributeWord(words[position], words[position + 1]))
            position += 2
        }
    }

    private mutating func append(_ source: Int, _ slot: Int, _ word: AttributeWord) {
        slots[slot].count += 1
        switch word.kind {
        case .empty: break
        case .string, .encoded: slots[slot].strings.append(code(source, slot, word.payload))
        case .smallInt:
            let bits = UInt64(bitPattern: Int64(Int32(bitPattern: word.payload)))
            slots[slot].numbers.append(AttributeSlot.stored(bits, .int))
        case .wideInt:
            slots[slot].numbers.append(AttributeSlot.stored(sources[source].part.wides[Int(word.payload)], .int))
        case .double:
            slots[slot].numbers.append(AttributeSlot.stored(sources[source].part.wides[Int(word.payload)], .double))
        case .bool: slots[slot].numbers.append(UInt64(word.payload))
        }
    }

    private mutating func code(_ source: Int, _ slot: Int, _ symbol: UInt32) -> UInt32 {
        let memo = known[source].codes[Int(symbol)]
        if memo >> 32 == UInt64(slot + 1) { return UInt32(truncatingIfNeeded: memo) }
        let code = sources[source].part.symbols.withBytes(of: symbol) { slots[slot].strings.code($0) }
        known[source].codes[Int(symbol)] = UInt64(slot + 1) << 32 | UInt64(code)
        return code
    }

    // MARK: Shapes

    /// A word's key and type; the two sizes of whole numbers are one type.
    @inline(__always)
    private static func form(_ word: UInt32) -> UInt32 {
        word & 7 == AttributeWord.Kind.wideInt.rawValue ? word & ~7 | AttributeWord.Kind.smallInt.rawValue : word
    }

    private mutating func shape(_ source: Int, _ words: [UInt32], _ bounds: Range<Int>) -> Int {
        if known[source].last >= 0, matches(known[source].shapes[known[source].last], words, bounds) {
            return known[source].last
        }
        var hash = UInt64(bounds.count)
        for position in stride(from: bounds.lowerBound, to: bounds.upperBound, by: 2) {
            hash = (hash ^ UInt64(Self.form(words[position]))) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
        }
        for place in known[source].places[hash] ?? [] where matches(known[source].shapes[place], words, bounds) {
            known[source].last = place
            return place
        }
        let place = addShape(source, words, bounds)
        known[source].places[hash, default: []].append(place)
        known[source].last = place
        return place
    }

    private func matches(_ shape: SourceShape, _ words: [UInt32], _ bounds: Range<Int>) -> Bool {
        guard shape.words.count * 2 == bounds.count else { return false }
        var position = bounds.lowerBound
        for word in shape.words {
            if Self.form(words[position]) != word { return false }
            position += 2
        }
        return true
    }

    private mutating func addShape(_ source: Int, _ words: [UInt32], _ bounds: Range<Int>) -> Int {
        let forms = stride(from: bounds.lowerBound, to: bounds.upperBound, by: 2).map { Self.form(words[$0]) }
        let slots = forms.map { slot(source, $0) }
        let shape: UInt64
        if let known = shapes[slots] {
            shape = known
        } else {
            shape = UInt64(shapeList.count)
            shapes[slots] = shape
            shapeList.append(slots)
        }
        known[source].shapes.append(SourceShape(words: forms, slots: slots, shape: shape))
        return known[source].shapes.count - 1
    }

    private mutating func slot(_ source: Int, _ form: UInt32) -> Int {
        if let place = known[source].slots[form] { return place }
        let word = AttributeWord(form, 0)
        let kind: AttributeSlot.Kind =
            switch word.kind {
            case .empty: .empty
            case .string: .string
            case .smallInt, .wideInt: .int
            case .double: .double
            case .bool: .bool
            case .encoded: .encoded
            }
        let key = SlotKey(key: Array(sources[source].part.symbols.bytes(of: word.key)), kind: kind)
        let place = places[key] ?? slots.count
        if place == slots.count {
            slots.append(Slot(key: key.key, kind: kind))
            places[key] = place
        }
        known[source].slots[form] = place
        return place
    }

    // MARK: Writing

    /// Adds all that was collected to the values of the group.
    func add(to values: inout GroupValues) {
        for slot in slots {
            let owner = slot.key.withUnsafeBytes { GroupValues.Owner(key: $0) }
            values.addPresence(owner)
            switch slot.kind {
            case .string: slot.strings.forEachDistinct { values.add(owner, text: $0) }
            case .int:
                var previous: UInt64?
                for number in slot.numbers where number != previous {
                    values.add(owner, int: Int64(bitPattern: AttributeSlot.bits(number, .int)))
                    previous = number
                }
            case .double, .encoded: values.addOthers(owner)
            case .empty, .bool: break
            }
        }
    }

    /// Writes the values and the table of shapes; `rows` is left to the caller.
    func write(to writer: inout PartWriter) throws -> AttributeDirectory {
        var directory = AttributeDirectory()
        var rest = ByteWriter()
        for slot in slots { directory.slots.append(try write(slot, &rest, &writer)) }
        directory.shapeCount = shapeList.count
        var shapes = ByteWriter()
        for shape in shapeList {
            shapes.uvarint(UInt64(shape.count))
            for slot in shape { shapes.uvarint(UInt64(slot)) }
        }
        if !slots.isEmpty { directory.shapes = try writer.page(shapes.bytes) }
        if rest.count > 0 { directory.rest = try writer.page(rest.bytes) }
        return directory
    }

    private func write(
        _ slot: Slot, _ rest: inout ByteWriter, _ writer: inout PartWriter
    ) throws -> AttributeSlot {
        let place: AttributeSlot.Place
        switch slot.kind {
        case .empty: place = .none
        case .string, .encoded:
            if slot.count >= Self.rareness {
                place = .column(.strings(try writer.strings(slot.strings)))
            } else {
                place = .rest(offset: rest.count, count: slot.count)
                slot.strings.forEachRow { rest.uvarintBytes($0) }
            }
        case .int, .double, .bool:
            if slot.count >= Self.rareness {
                place = .column(.integers(try writer.allIntegers(slot.numbers)))
            } else {
                place = .rest(offset: rest.count, count: slot.count)
                for number in slot.numbers { rest.u64LE(number) }
            }
        }
        return AttributeSlot(key: slot.key, kind: slot.kind, place: place)
    }
}
