/// The type of an expression, as far as the text tells.
package enum ValueType: String, Hashable, Sendable {
    case string
    case int
    case float
    case bool
    case duration
    case status
    case kind
    case `nil`
    /// An attribute: known only span by span.
    case attribute

    var isNumeric: Bool { self == .int || self == .float || self == .duration || self == .attribute }
}
