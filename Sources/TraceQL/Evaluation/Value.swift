/// The value of a field of one span.
package enum Value: Hashable, Sendable {
    /// The span has no such field.
    case missing
    /// UTF-8 text.
    case string([UInt8])
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case array([Value])
    /// A map or bytes: present, and equal to nothing.
    case opaque

    /// A string value.
    package init(_ text: String) {
        self = .string(Array(text.utf8))
    }

    /// The value of a constant; keywords become their text.
    init(_ literal: Literal) {
        switch literal {
        case .string(let text): self.init(text)
        case .int(let value), .duration(let value): self = .int(value)
        case .float(let value): self = .double(value)
        case .bool(let value): self = .bool(value)
        case .status(let code): self.init(code.keyword)
        case .kind(let code): self.init(code.keyword)
        case .nil: self = .missing
        }
    }

    /// Bytes of memory held, about.
    var memory: Int {
        switch self {
        case .string(let text): MemoryLayout<Value>.stride + 32 + text.count
        case .array(let elements): elements.reduce(MemoryLayout<Value>.stride + 32) { $0 + $1.memory }
        default: MemoryLayout<Value>.stride
        }
    }

    /// The value as a number.
    package var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// Whether `self symbol other` holds. Arrays hold when one of their elements does, `!=` when every element differs.
    func holds(_ symbol: BinaryOperator, _ other: Value) -> Bool {
        if case .array(let elements) = self {
            return symbol == .notEqual
                ? !elements.isEmpty && elements.allSatisfy { $0.holds(symbol, other) }
                : elements.contains { $0.holds(symbol, other) }
        }
        if case .array = other { return other.holds(symbol.mirrored, self) }
        switch (self, other) {
        case (.string(let left), .string(let right)):
            return Self.verdict(symbol, less: left.lexicographicallyPrecedes(right), equal: left == right)
        case (.int(let left), .int(let right)):
            return Self.verdict(symbol, less: left < right, equal: left == right)
        case (.bool(let left), .bool(let right)):
            return symbol == .equal ? left == right : symbol == .notEqual && left != right
        default:
            guard let left = number, let right = other.number, !left.isNaN, !right.isNaN else { return false }
            return Self.verdict(symbol, less: left < right, equal: left == right)
        }
    }

    private static func verdict(_ symbol: BinaryOperator, less: Bool, equal: Bool) -> Bool {
        switch symbol {
        case .equal: equal
        case .notEqual: !equal
        case .less: less
        case .lessOrEqual: less || equal
        case .greater: !less && !equal
        case .greaterOrEqual: !less
        default: false
        }
    }

    /// `self symbol other` for numbers; missing when a side is no number or the result does not exist. Integers stay
    /// integers as long as they fit, and division of integers truncates.
    func computed(_ symbol: BinaryOperator, _ other: Value) -> Value {
        if case .int(let left) = self, case .int(let right) = other {
            if let exact = Self.exact(symbol, left, right) { return exact }
        }
        guard let left = number, let right = other.number else { return .missing }
        switch symbol {
        case .add: return .double(left + right)
        case .subtract: return .double(left - right)
        case .multiply: return .double(left * right)
        case .divide: return right == 0 ? .missing : .double(left / right)
        case .modulo: return right == 0 ? .missing : .double(left.truncatingRemainder(dividingBy: right))
        case .power: return .double(Power.of(left, right))
        default: return .missing
        }
    }

    private static func exact(_ symbol: BinaryOperator, _ left: Int64, _ right: Int64) -> Value? {
        let result: (partialValue: Int64, overflow: Bool)
        switch symbol {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide:
            if right == 0 { return .missing }
            result = left.dividedReportingOverflow(by: right)
        case .modulo:
            if right == 0 { return .missing }
            result = left.remainderReportingOverflow(dividingBy: right)
        case .power: return Power.exact(left, right).map { .int($0) }
        default: return nil
        }
        return result.overflow ? nil : .int(result.partialValue)
    }

    /// `-self`.
    var negated: Value {
        switch self {
        case .int(.min): .double(-Double(Int64.min))
        case .int(let value): .int(-value)
        case .double(let value): .double(-value)
        default: .missing
        }
    }
}
