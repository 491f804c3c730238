/// An expression over the fields of one span.
package indirect enum FieldExpression: Hashable, Sendable {
    case literal(Literal)
    case operand(Operand)
    case unary(UnaryOperator, FieldExpression)
    case binary(BinaryOperator, FieldExpression, FieldExpression)

    /// Calls `body` with every operand, in text order, repeated ones too.
    package func forEachOperand(_ body: (Operand) -> Void) {
        switch self {
        case .literal: break
        case .operand(let operand): body(operand)
        case .unary(_, let inner): inner.forEachOperand(body)
        case .binary(_, let left, let right):
            left.forEachOperand(body)
            right.forEachOperand(body)
        }
    }

    /// The conditions that all have to hold: the expression split at its outermost `&&`.
    package var conjuncts: [FieldExpression] {
        guard case .binary(.and, let left, let right) = self else { return [self] }
        return left.conjuncts + right.conjuncts
    }

    fileprivate var precedence: Int {
        switch self {
        case .literal, .operand: 8
        case .unary(let symbol, _): symbol.precedence
        case .binary(let symbol, _, _): symbol.precedence
        }
    }
}

extension FieldExpression: CustomStringConvertible {
    package var description: String {
        switch self {
        case .literal(let literal): return literal.description
        case .operand(let operand): return operand.description
        case .unary(let symbol, let inner):
            return symbol.rawValue + Self.wrap(inner, if: inner.precedence < symbol.precedence)
        case .binary(let symbol, let left, let right):
            let rightAssociative = symbol == .power
            let wrapLeft =
                left.precedence < symbol.precedence || (rightAssociative && left.precedence == symbol.precedence)
            let wrapRight =
                right.precedence < symbol.precedence || (!rightAssociative && right.precedence == symbol.precedence)
            return Self.wrap(left, if: wrapLeft) + " " + symbol.rawValue + " " + Self.wrap(right, if: wrapRight)
        }
    }

    private static func wrap(_ expression: FieldExpression, if needed: Bool) -> String {
        needed ? "(\(expression))" : expression.description
    }
}
