import MartletCore

/// A lexical piece of a query.
struct Token: Sendable {
    enum Kind: Sendable, Hashable {
        case end
        case leftParen, rightParen, leftBrace, rightBrace, leftBracket, rightBracket
        case comma, colon, at
        /// `=` inside braces, or where a comparison is misspelt.
        case assign
        case matchRegex, matchNotRegex
        case operation(BinaryOperator)
        case string
        case number, duration
        /// A word without a colon that is no keyword.
        case identifier
        /// A word with a colon.
        case metricIdentifier
        case keyword
        case aggregation(AggregationOperator)
        /// The histogram trimming operators.
        case trim
    }

    var kind: Kind
    var range: Range<Int>
    /// As written.
    var text: String

    /// How error texts name it.
    var described: String {
        switch kind {
        case .end: "end of input"
        case .identifier: "identifier \(GoQuote.quote(text))"
        case .metricIdentifier: "metric identifier \(GoQuote.quote(text))"
        case .string: "string \(shortened)"
        case .number: "number \(shortened)"
        case .duration: "duration \(shortened)"
        case .keyword: "<\(text)>"
        case .operation, .trim, .matchRegex, .matchNotRegex, .assign: "<op:\(text)>"
        case .aggregation: "<aggr:\(text)>"
        default: shortened
        }
    }

    private var shortened: String {
        guard text.utf8.count > 10 else { return GoQuote.quote(text) }
        // Go cuts after ten characters of the unquoted text.
        return GoQuote.quote(String(String.UnicodeScalarView(text.unicodeScalars.prefix(10)))) + "..."
    }

    /// A word of any kind: names of metrics and labels may be keywords.
    var isWord: Bool {
        switch kind {
        case .identifier, .metricIdentifier, .keyword, .aggregation: true
        case .operation(let operation): operation.isSet || operation == .atan2
        case .number: text.utf8.first.map { $0 >= UInt8(ascii: "A") } ?? false  // inf and nan
        default: false
        }
    }
}
