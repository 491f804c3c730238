/// An operator between two field expressions.
package enum BinaryOperator: String, Hashable, Sendable {
    case and = "&&"
    case or = "||"
    case equal = "="
    case notEqual = "!="
    case regex = "=~"
    case notRegex = "!~"
    case greater = ">"
    case greaterOrEqual = ">="
    case less = "<"
    case lessOrEqual = "<="
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case power = "^"

    /// How tightly it binds; operators of one level associate to the left, `^` to the right.
    package var precedence: Int {
        switch self {
        case .and, .or: 1
        case .equal, .notEqual, .regex, .notRegex, .greater, .greaterOrEqual, .less, .lessOrEqual: 2
        case .add, .subtract: 3
        case .multiply, .divide, .modulo: 5
        case .power: 6
        }
    }

    /// Whether the result is a truth value of two operands' comparison.
    package var isComparison: Bool { precedence == 2 }
    /// Whether it joins two truth values.
    package var isLogical: Bool { precedence == 1 }
    /// Whether it computes a number.
    package var isArithmetic: Bool { precedence > 2 }

    /// The operator that gives the same verdict with its operands exchanged.
    package var mirrored: BinaryOperator {
        switch self {
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        default: self
        }
    }
}
