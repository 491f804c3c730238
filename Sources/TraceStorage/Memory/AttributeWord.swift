/// How an attribute is held in memory: two words, the key's symbol with a type, and the value or its place.
struct AttributeWord {
    enum Kind: UInt32 {
        /// No value was set.
        case empty = 0
        /// A symbol.
        case string = 1
        /// A signed number of 32 bits in place.
        case smallInt = 2
        /// An index into the part's wide values, Int64.
        case wideInt = 3
        /// An index into the part's wide values, the bit pattern of a Double.
        case double = 4
        /// 0 or 1.
        case bool = 5
        /// A symbol: an encoded AnyValue that is an array, a map or bytes.
        case encoded = 6
    }

    let first: UInt32
    let payload: UInt32

    init(key: UInt32, kind: Kind, payload: UInt32) {
        first = key << 3 | kind.rawValue
        self.payload = payload
    }

    init(_ first: UInt32, _ payload: UInt32) {
        self.first = first
        self.payload = payload
    }

    /// The key's symbol.
    var key: UInt32 { first >> 3 }

    /// Calls `body` with the key of each attribute in a run of words, in order.
    static func forEachKey(_ words: ArraySlice<UInt32>, _ body: (UInt32) -> Void) {
        for place in stride(from: words.startIndex, to: words.endIndex, by: 2) { body(words[place] >> 3) }
    }
    var kind: Kind { Kind(rawValue: first & 7) ?? .empty }
}
