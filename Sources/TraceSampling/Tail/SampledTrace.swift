/// A trace, as far as it has arrived, as policies see it.
package protocol SampledTrace {
    /// The first eight bytes of the id.
    var high: UInt64 { get }
    /// The last eight bytes of the id.
    var low: UInt64 { get }
    /// Spans, each counted once.
    var spanCount: Int { get }
    /// Bytes of the encoded spans.
    var bytes: Int { get }
    /// The first start and the last end of a span, Unix nanoseconds.
    var bounds: (start: UInt64, end: UInt64) { get }

    /// Whether a span's status has one of the codes, given as bits: `1 << code`.
    func hasStatus(in codes: UInt8) -> Bool
    /// Whether a span's flags have one of the bits.
    func hasFlags(_ flags: UInt32) -> Bool
    /// Whether a span has a tracestate for which `matches` holds; the bytes live for the call only.
    func hasTraceState(where matches: (UnsafeRawBufferPointer) -> Bool) -> Bool
    /// Whether a span or its resource has a number, integer or not, under `key` for which `matches` holds.
    func hasNumber(_ key: String, where matches: (SampledNumber) -> Bool) -> Bool
    /// Whether a span or its resource has this truth value under `key`.
    func hasBoolean(_ key: String, _ value: Bool) -> Bool
    /// Whether there is a span for which `matches` holds; those behind the first are not asked.
    func hasSpan(where matches: (any SampledSpan) -> Bool) -> Bool
    /// Whether a span or its resource has a text under `key` that matches. An empty text of a span does not count.
    func hasText(_ key: String, _ matcher: TextMatcher) -> Bool
}
