/// A trace's id as a key.
struct TraceKey: Hashable, Sendable {
    let high: UInt64
    let low: UInt64
}
