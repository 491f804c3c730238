/// What is done with two values.
enum OTTLArithmetic: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"

    /// The result: whole numbers wrap around and divide towards zero, as Go's do; a number among them makes it a number;
    /// times and durations add and subtract.
    func apply(_ left: OTTLValue, _ right: OTTLValue) throws(OTTLFailure) -> OTTLValue {
        switch (left, right) {
        case (.int(let left), .int(let right)): return .int(try apply(left, right))
        case (.int(let left), .double(let right)): return .double(try apply(Double(left), right))
        case (.double(let left), .int(let right)): return .double(try apply(left, Double(right)))
        case (.double(let left), .double(let right)): return .double(try apply(left, right))
        default: break
        }
        switch (self, left, right) {
        case (.subtract, .time(let left), .time(let right)): return .duration(left &- right)
        case (.add, .time(let time), .duration(let duration)), (.add, .duration(let duration), .time(let time)):
            return .time(time &+ duration)
        case (.subtract, .time(let time), .duration(let duration)): return .time(time &- duration)
        case (.add, .duration(let left), .duration(let right)): return .duration(left &+ right)
        case (.subtract, .duration(let left), .duration(let right)): return .duration(left &- right)
        default: throw OTTLFailure("\(left.typeName) \(rawValue) \(right.typeName) cannot be calculated")
        }
    }

    private func apply(_ left: Int64, _ right: Int64) throws(OTTLFailure) -> Int64 {
        switch self {
        case .add: return left &+ right
        case .subtract: return left &- right
        case .multiply: return left &* right
        case .divide:
            guard right != 0 else { throw OTTLFailure("division by 0") }
            return left.dividedReportingOverflow(by: right).partialValue
        }
    }

    private func apply(_ left: Double, _ right: Double) throws(OTTLFailure) -> Double {
        switch self {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .divide:
            guard right != 0 else { throw OTTLFailure("division by 0") }
            return left / right
        }
    }
}
