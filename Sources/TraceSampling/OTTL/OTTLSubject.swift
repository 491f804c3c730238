/// What a condition is evaluated for.
struct OTTLSubject {
    let span: any SampledSpan
    /// The number of the event among those of the span; nil for the span itself.
    let event: Int?
    /// Unix nanoseconds.
    let now: UInt64
}
