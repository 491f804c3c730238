/// An operator before a field expression.
package enum UnaryOperator: String, Hashable, Sendable {
    case not = "!"
    case negate = "-"

    /// How tightly it binds, on the scale of `BinaryOperator.precedence`.
    package var precedence: Int { self == .not ? 4 : 7 }
}
