/// How two values are compared.
enum OTTLComparison: String, Sendable, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case less = "<"
    case greater = ">"

    /// Whether it holds for two values. Values of types that do not compare are different, and nothing else.
    ///
    /// Source: the comparison rules of OTTL's LANGUAGE.md.
    func holds(_ left: OTTLValue, _ right: OTTLValue) -> Bool {
        switch (left, right) {
        case (.none, .none): holds(0, 0)
        case (.bool(let left), .bool(let right)): holds(left ? 1 : 0, right ? 1 : 0)
        case (.int(let left), .int(let right)): holds(left, right)
        case (.int(let left), .double(let right)): holds(Double(left), right)
        case (.double(let left), .int(let right)): holds(left, Double(right))
        case (.double(let left), .double(let right)): holds(left, right)
        case (.text(let left), .text(let right)), (.bytes(let left), .bytes(let right)): holds(left, right)
        case (.time(let left), .time(let right)): holds(left, right)
        case (.duration(let left), .duration(let right)): holds(left, right)
        case (.id, .id), (.list, .list), (.map, .map):
            self == .equal ? left == right : self == .notEqual && left != right
        default: self == .notEqual
        }
    }

    private func holds<Operand: Comparable>(_ left: Operand, _ right: Operand) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .lessOrEqual: left <= right
        case .greaterOrEqual: left >= right
        case .less: left < right
        case .greater: left > right
        }
    }
}
