import MartletCore

/// A token bucket of bytes for each tenant.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt: Int64
    }

    private let rate: Double
    private let burst: Double
    private let buckets: Lock<[String: Bucket]> = Lock([:])

    /// `rate` bytes per second, 0 for no limit; `burst` bytes at once.
    init(rate: Int, burst: Int) {
        self.rate = Double(rate)
        self.burst = Double(max(burst, rate))
    }

    /// Takes `bytes` out of the tenant's bucket at `now` (Unix nanoseconds); false, and nothing taken, when it holds fewer.
    func allows(_ bytes: Int, tenant: String, now: Int64) -> Bool {
        guard rate > 0 else { return true }
        return buckets.withLock { buckets in
            var bucket = buckets[tenant] ?? Bucket(tokens: burst, filledAt: now)
            let elapsed = max(0, Double(now - bucket.filledAt) / 1e9)
            bucket.tokens = min(burst, bucket.tokens + elapsed * rate)
            bucket.filledAt = now
            defer { buckets[tenant] = bucket }
            guard bucket.tokens >= Double(bytes) else { return false }
            bucket.tokens -= Double(bytes)
            return true
        }
    }
}
