import MartletCore

/// Which requests have come lately. A sender that got no answer sends the same bytes again: its spans are the same spans, which
/// the store keeps once, and which count once.
struct RecentRequests: Sendable {
    /// Requests that are remembered.
    private static let limit = 16_384

    private var known: Set<UInt64> = []
    private var order: [(hash: UInt64, timeMs: Int64)] = []
    private var oldest = 0

    /// About what is held, bytes.
    var memory: Int { order.capacity * 16 + known.capacity * 16 }

    /// Notes a request; false when the same one has come within `windowMs`.
    mutating func insert(_ body: UnsafeRawBufferPointer, nowMs: Int64, windowMs: Int64) -> Bool {
        while oldest < order.count,
            order[oldest].timeMs < nowMs - windowMs || order.count - oldest >= Self.limit
        {
            known.remove(order[oldest].hash)
            oldest += 1
        }
        if oldest > 1024, oldest * 2 > order.count {
            order.removeFirst(oldest)
            oldest = 0
        }
        let hash = Hash64.hash(body)
        guard known.insert(hash).inserted else { return false }
        order.append((hash, nowMs))
        return true
    }
}
