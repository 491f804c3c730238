import Wire

/// A piece of a condition's text.
struct OTTLToken {
    enum Kind: Equatable {
        /// A path's segment, a function, an enumeration's value or a word such as `and`.
        case word(String)
        case text(ByteString)
        case int(Int64)
        case double(Double)
        case bytes(ByteString)
        /// An operator or a bracket.
        case symbol(String)
        case end
    }

    let kind: Kind
    /// Bytes before it.
    let offset: Int

    /// What messages call it.
    var description: String {
        switch kind {
        case .word(let word): "\"\(word)\""
        case .text(let text): "the text \"\(text)\""
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bytes: "bytes"
        case .symbol(let symbol): "\"\(symbol)\""
        case .end: "the end"
        }
    }
}
