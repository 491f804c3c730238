/// An operation on two numbers or vectors.
package struct BinaryOperation: Sendable, Hashable {
    package enum Operator: String, Sendable, Hashable {
        case or, and, unless
        case equal = "==", notEqual = "!=", greater = ">", greaterOrEqual = ">=", less = "<", lessOrEqual = "<="
        case add = "+", subtract = "-", multiply = "*", divide = "/", modulo = "%", power = "^"

        var isSet: Bool { self == .or || self == .and || self == .unless }

        var isComparison: Bool {
            switch self {
            case .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual: true
            default: false
            }
        }

        /// Loosest first.
        var precedence: Int {
            switch self {
            case .or: 1
            case .and, .unless: 2
            case .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual: 3
            case .add, .subtract: 4
            case .multiply, .divide, .modulo: 5
            case .power: 6
            }
        }
    }

    /// Which series meet, and how many of each side.
    package struct Matching: Sendable, Hashable {
        package enum Cardinality: Sendable, Hashable {
            case oneToOne
            /// `group_left`: many on the left.
            case manyToOne
            /// `group_right`: many on the right.
            case oneToMany
        }

        /// `on` (true) or `ignoring`.
        package var isOn = false
        package var names: [String] = []
        package var cardinality = Cardinality.oneToOne
        /// Labels taken over from the one side.
        package var include: [String] = []
    }

    package var operation: Operator
    package var left: QueryExpression
    package var right: QueryExpression
    package var returnsBool: Bool
    package var matching: Matching
}
