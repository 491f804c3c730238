import MartletCore

/// A constant in a query.
package enum Literal: Hashable, Sendable {
    case string(String)
    case int(Int64)
    case float(Double)
    case bool(Bool)
    /// Nanoseconds.
    case duration(Int64)
    case status(StatusCode)
    case kind(SpanKindCode)
    case `nil`

    /// The type of the constant.
    package var type: ValueType {
        switch self {
        case .string: .string
        case .int: .int
        case .float: .float
        case .bool: .bool
        case .duration: .duration
        case .status: .status
        case .kind: .kind
        case .nil: .nil
        }
    }

    /// The constant as a number: durations in nanoseconds.
    package var number: Double? {
        switch self {
        case .int(let value), .duration(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }
}

extension Literal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .string(let value): return GoQuote.quote(value)
        case .int(.min): return "minInt"
        case .int(let value): return String(value)
        case .float(let value): return value.description
        case .bool(let value): return String(value)
        case .duration(let value): return Self.format(nanoseconds: value)
        case .status(let value): return value.keyword
        case .kind(let value): return value.keyword
        case .nil: return "nil"
        }
    }

    private static let units: [(suffix: String, nanoseconds: UInt64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000),
        ("ns", 1),
    ]

    private static func format(nanoseconds: Int64) -> String {
        if nanoseconds == 0 { return "0s" }
        var text = nanoseconds < 0 ? "-" : ""
        var rest = nanoseconds.magnitude
        for unit in units where rest >= unit.nanoseconds {
            text += String(rest / unit.nanoseconds) + unit.suffix
            rest %= unit.nanoseconds
        }
        return text
    }
}
