extension OTLP {
    /// The value of a number point or exemplar.
    package enum NumberValue: Sendable, Hashable {
        /// No value was set.
        case empty
        /// A 64-bit float.
        case double(Double)
        /// A signed 64-bit number.
        case int(Int64)

        /// The value as a float; nil when none was set.
        package var double: Double? {
            switch self {
            case .empty: nil
            case .double(let value): value
            case .int(let value): Double(value)
            }
        }
    }
}
