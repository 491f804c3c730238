/// Times of formats that do not count nanoseconds. What OTLP cannot hold ends at its bounds: 1970, and the last nanosecond
/// of a signed 64-bit number, in 2262. A span that ends before it starts stays as it was sent.
enum SpanTime {
    /// Unix nanoseconds of Unix microseconds and a duration in microseconds.
    static func nanoseconds(microseconds: Int64, and duration: Int64 = 0) -> UInt64 {
        clamped((Int128(microseconds) + Int128(duration)) * 1000)
    }

    /// Nanoseconds of protobuf's Timestamp or Duration, without bounds.
    static func nanoseconds(seconds: Int64, nanos: Int32) -> Int128 {
        Int128(seconds) * 1_000_000_000 + Int128(nanos)
    }

    /// Nanoseconds within OTLP's bounds.
    static func clamped(_ nanoseconds: Int128) -> UInt64 {
        UInt64(clamping: min(max(nanoseconds, 0), Int128(Int64.max)))
    }
}
