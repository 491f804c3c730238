/// A trace's id as a key.
struct TraceKey: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init(_ id: (high: UInt64, low: UInt64)) {
        high = id.high
        low = id.low
    }
}
