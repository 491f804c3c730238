extension OTLP {
    /// An attribute's value or a log record's body.
    package enum AnyValue: Sendable, Hashable {
        /// No value was set.
        case empty
        /// Text.
        case string(ByteString)
        /// A truth value.
        case bool(Bool)
        /// A signed 64-bit number.
        case int(Int64)
        /// A 64-bit float.
        case double(Double)
        /// A list of values.
        case array([AnyValue])
        /// A list of keys with values; keys should be unique.
        case map([KeyValue])
        /// Opaque bytes.
        case bytes(ByteString)
    }
}

extension OTLP.AnyValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .string(ByteString(value)) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
