import MartletCore

/// The values of a row group, and of which attributes it has any: what goes into the filter that says which values the group
/// surely does not have, before anything else of it is read.
///
/// An entry is xxHash64 of a value, seeded by what it is a value of, `Owner`. In which scope an attribute lies makes no
/// difference.
struct GroupValues {
    /// What a value belongs to, and the seeds of its hashes.
    struct Owner {
        private let seed: UInt64

        /// An attribute, wherever it lies.
        init(key: UnsafeRawBufferPointer) { seed = Hash64.hash(key) }

        /// An attribute, wherever it lies.
        init(key: String) { seed = Bytes.of(key) { Hash64.hash($0) } }

        /// A field that is none.
        init(_ field: Field) { seed = withUnsafeBytes(of: field.rawValue) { Hash64.hash($0, seed: 1) } }

        /// A text.
        func hash(text: UnsafeRawBufferPointer) -> UInt64 { Hash64.hash(text, seed: seed) }

        /// A whole number, as its 8 bytes.
        func hash(int: Int64) -> UInt64 { withUnsafeBytes(of: int.littleEndian) { Hash64.hash($0, seed: seed &+ 1) } }

        /// That there is a value, or an attribute without one.
        var presence: UInt64 { Hash64.hash(UnsafeRawBufferPointer(start: nil, count: 0), seed: seed &+ 2) }

        /// That there are values that have no entry: numbers that are not whole, lists, maps and bytes.
        var others: UInt64 { Hash64.hash(UnsafeRawBufferPointer(start: nil, count: 0), seed: seed &+ 3) }
    }

    /// Texts that are no attributes. Values are part of the format.
    enum Field: UInt8 {
        case name = 1
        case statusMessage = 2
        case eventName = 3
    }

    /// Bits of the filter for each entry: about one group in 300 is then read in vain.
    private static let bits = 12

    private var entries: Set<UInt64> = []

    mutating func add(_ owner: Owner, text: UnsafeRawBufferPointer) { entries.insert(owner.hash(text: text)) }

    mutating func add(_ owner: Owner, int: Int64) { entries.insert(owner.hash(int: int)) }

    mutating func addPresence(_ owner: Owner) { entries.insert(owner.presence) }

    mutating func addOthers(_ owner: Owner) { entries.insert(owner.others) }

    /// The attributes that a source has as words, of a resource or a scope.
    mutating func add(_ words: Range<Int>, of part: MemoryPart) {
        for position in stride(from: words.lowerBound, to: words.upperBound, by: 2) {
            let word = AttributeWord(part.sharedWords[position], part.sharedWords[position + 1])
            let owner = part.symbols.withBytes(of: word.key) { Owner(key: $0) }
            addPresence(owner)
            switch word.kind {
            case .string: part.symbols.withBytes(of: word.payload) { add(owner, text: $0) }
            case .smallInt: add(owner, int: Int64(Int32(bitPattern: word.payload)))
            case .wideInt: add(owner, int: Int64(bitPattern: part.wides[Int(word.payload)]))
            case .double, .encoded: addOthers(owner)
            case .empty, .bool: break
            }
        }
    }

    /// The filter over all entries.
    var filter: ValueFilter {
        var filter = ValueFilter(values: entries.count, bits: Self.bits)
        for entry in entries { filter.insert(entry) }
        return filter
    }
}
