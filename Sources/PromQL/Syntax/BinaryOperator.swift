/// PromQL's operators between two expressions.
package enum BinaryOperator: String, Sendable, Hashable, CaseIterable {
    case or, and, unless
    case equal = "=="
    case notEqual = "!="
    case lessOrEqual = "<="
    case less = "<"
    case greaterOrEqual = ">="
    case greater = ">"
    /// Drops a histogram's observations above a value.
    case trimUpper = "</"
    /// Drops a histogram's observations below a value.
    case trimLower = ">/"
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case atan2
    case power = "^"

    /// A higher one binds tighter.
    package var precedence: Int {
        switch self {
        case .or: 1
        case .and, .unless: 2
        case .equal, .notEqual, .lessOrEqual, .less, .greaterOrEqual, .greater, .trimUpper, .trimLower: 3
        case .add, .subtract: 4
        case .multiply, .divide, .modulo, .atan2: 5
        case .power: 6
        }
    }

    package var isComparison: Bool { precedence == 3 && !isTrim }

    package var isTrim: Bool { self == .trimUpper || self == .trimLower }

    package var isSet: Bool { precedence <= 2 }

    /// Arithmetic makes another quantity; comparisons, sets and trimming leave it what it is.
    package var keepsMetricName: Bool { precedence <= 3 }
}
