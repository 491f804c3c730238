import Glibc

/// Arithmetic and comparison of two numbers, as PromQL defines it.
enum ScalarMath {
    /// The result of an arithmetic operator; comparisons give 1 or 0.
    @inline(__always)
    static func compute(_ operation: BinaryOperator, _ a: Double, _ b: Double) -> Double {
        switch operation {
        case .add: return a + b
        case .subtract: return a - b
        case .multiply: return a * b
        case .divide: return a / b
        case .modulo: return fmod(a, b)
        case .power: return pow(a, b)
        case .atan2: return Glibc.atan2(a, b)
        case .equal: return a == b ? 1 : 0
        case .notEqual: return a != b ? 1 : 0
        case .less: return a < b ? 1 : 0
        case .lessOrEqual: return a <= b ? 1 : 0
        case .greater: return a > b ? 1 : 0
        case .greaterOrEqual: return a >= b ? 1 : 0
        case .and, .or, .unless, .trimUpper, .trimLower: return .nan
        }
    }
}
