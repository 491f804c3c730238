package import MartletCore

/// A condition on labels in a pipeline.
package indirect enum LabelFilter: Sendable, Hashable {
    /// How a number compares.
    package enum Comparison: String, Sendable, Hashable {
        case equal = "==", notEqual = "!=", greater = ">", greaterOrEqual = ">=", less = "<", lessOrEqual = "<="

        func holds(_ left: Double, _ right: Double) -> Bool {
            switch self {
            case .equal: left == right
            case .notEqual: left != right
            case .greater: left > right
            case .greaterOrEqual: left >= right
            case .less: left < right
            case .lessOrEqual: left <= right
            }
        }
    }

    /// What a label's text is read as.
    package enum Unit: Sendable, Hashable {
        case number, duration, bytes
    }

    case text(Matcher)
    case value(name: String, Comparison, Double, Unit)
    case address(name: String, isNegative: Bool, AddressMatcher)
    case and(LabelFilter, LabelFilter)
    case or(LabelFilter, LabelFilter)

    /// The labels that are looked at.
    var names: [String] {
        switch self {
        case .text(let matcher): [matcher.name]
        case .value(let name, _, _, _), .address(let name, _, _): [name]
        case .and(let left, let right), .or(let left, let right): left.names + right.names
        }
    }
}
