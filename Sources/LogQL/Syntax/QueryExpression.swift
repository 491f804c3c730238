package import MartletCore

/// A parsed LogQL query.
package indirect enum QueryExpression: Sendable, Hashable {
    case log(LogExpression)
    case number(Double)
    /// `vector(n)`.
    case vector(Double)
    case range(RangeAggregation)
    case aggregation(VectorAggregation)
    case binary(BinaryOperation)
    case labelReplace(QueryExpression, destination: String, replacement: String, source: String, regex: Regex)

    /// Whether the query gives lines; all others give numbers.
    package var isLog: Bool {
        if case .log = self { true } else { false }
    }

    /// The parsed form of `text`.
    package init(parsing text: String) throws(LogQueryError) {
        self = try Parser.parse(text)
    }

    /// Log selectors anywhere in the query.
    package var selectors: [LogExpression] {
        switch self {
        case .log(let log): [log]
        case .number, .vector: []
        case .range(let range): [range.range.log]
        case .aggregation(let aggregation): aggregation.inner.selectors
        case .binary(let binary): binary.left.selectors + binary.right.selectors
        case .labelReplace(let inner, _, _, _, _): inner.selectors
        }
    }
}
