/// An operator between two sets of spans of one trace.
package enum SpansetOperator: Hashable, Sendable {
    case and
    case or
    /// Right-hand spans that lie so to some left-hand span.
    case structural(Relation)
    /// Right-hand spans that lie so to no left-hand span.
    case negated(Relation)
    /// The spans of both sides that take part in such a pair.
    case union(Relation)

    /// How tightly it binds: structural operators before `&&` and `||`; one level associates to the left.
    package var precedence: Int {
        switch self {
        case .and, .or: 1
        default: 2
        }
    }
}

extension SpansetOperator: CustomStringConvertible {
    package var description: String {
        switch self {
        case .and: "&&"
        case .or: "||"
        case .structural(let relation): relation.rawValue
        case .negated(let relation): "!" + relation.rawValue
        case .union(let relation): "&" + relation.rawValue
        }
    }
}
