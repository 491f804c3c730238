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
        case keyword(Keyword)
        case aggregation(AggregationOperator)
        /// What cannot be read; the text says why.
        case unreadable
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
        case .keyword(let keyword) where keyword.isFunction: shortened
        case .keyword: "<\(text)>"
        case .operation, .matchRegex, .matchNotRegex, .at: "<op:\(text)>"
        case .aggregation: "<aggr:\(text)>"
        default: shortened
        }
    }

    private var shortened: String {
        guard text.utf8.count > 10 else { return GoQuote.quote(text) }
        // Go cuts after ten characters of the unquoted text.
        return GoQuote.quote(String(String.UnicodeScalarView(text.unicodeScalars.prefix(10)))) + "..."
    }

    /// A word that may be a metric's name.
    var isMetricName: Bool {
        switch kind {
        case .identifier, .metricIdentifier, .aggregation: true
        case .keyword(let keyword): keyword.mayNameMetric
        case .operation(let operation): operation.isSet
        default: false
        }
    }

    /// What an expression may begin with, or what cannot be read.
    var beginsExpression: Bool {
        switch kind {
        case .leftParen, .leftBrace, .string, .number, .duration, .unreadable, .operation(.add), .operation(.subtract):
            true
        default: isMetricName
        }
    }

    /// A word that may be a label's name in a list of labels.
    var isLabelName: Bool {
        if case .keyword = kind { return true }
        return isMetricName || kind == .operation(.atan2)
    }
}
