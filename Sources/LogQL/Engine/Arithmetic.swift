import Glibc

/// Operations on two numbers.
enum Arithmetic {
    /// The value of an arithmetic operation. Division and remainder by zero are NaN, unlike in Prometheus.
    static func value(_ operation: BinaryOperation.Operator, _ left: Double, _ right: Double) -> Double {
        switch operation {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: right == 0 ? .nan : left / right
        case .modulo: right == 0 ? .nan : fmod(left, right)
        case .power: pow(left, right)
        default: holds(operation, left, right) ? 1 : 0
        }
    }

    /// Whether a comparison holds. NaN fails every one but `!=`.
    static func holds(_ operation: BinaryOperation.Operator, _ left: Double, _ right: Double) -> Bool {
        switch operation {
        case .equal: left == right
        case .notEqual: left != right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        case .less: left < right
        case .lessOrEqual: left <= right
        default: false
        }
    }

    /// An operation between two literals: comparisons give 0 or 1 with or without `bool`.
    static func scalar(_ operation: BinaryOperation.Operator, _ left: Double, _ right: Double) -> Double {
        value(operation, left, right)
    }
}
