/// Lets so many tokens pass a second, and as many at once as fit in the bucket.
struct TokenBucket: Sendable {
    private let perSecond: Double
    private let capacity: Double
    private var tokens: Double
    /// Unix nanoseconds; nil before the first use, when the bucket is full.
    private var last: UInt64?

    init(perSecond: Int, capacity: Int) {
        self.perSecond = Double(max(0, perSecond))
        self.capacity = Double(max(0, capacity))
        tokens = self.capacity
    }

    /// Takes `count` tokens; false, and nothing taken, when there are not as many. A clock that goes back stands still.
    mutating func take(_ count: Int, at time: UInt64) -> Bool {
        if let last, time > last { tokens = min(capacity, tokens + Double(time - last) / 1e9 * perSecond) }
        last = max(last ?? 0, time)
        guard Double(count) <= tokens else { return false }
        tokens -= Double(count)
        return true
    }
}
