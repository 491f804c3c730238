import MartletCore

/// A token bucket of bytes for each tenant.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt: Int64
    }

    /// Buckets after which those that are full again are forgotten: names of tenants are the clients' choice.
    private static let manyBuckets = 10_000

    private let rate: Double
    private let burst: Double
    private let buckets: Lock<[String: Bucket]> = Lock([:])

    /// `rate` bytes per second, 0 for no limit; `burst` bytes at once.
    init(rate: Int, burst: Int) {
        self.rate = Double(rate)
        self.burst = Double(max(burst, rate))
    }

    /// Whether a push of `bytes` can ever pass.
    func canPass(_ bytes: Int) -> Bool { rate <= 0 || Double(bytes) <= burst }

    /// Takes `bytes` out of the tenant's bucket at `now` (Unix nanoseconds); false, and nothing taken, when it holds fewer.
    func allows(_ bytes: Int, tenant: String, now: Int64) -> Bool {
        guard rate > 0 else { return true }
        return buckets.withLock { buckets in
            if buckets.count >= Self.manyBuckets, buckets[tenant] == nil {
                buckets = buckets.filter { filled($0.value, now) < burst }
            }
            var bucket = buckets[tenant] ?? Bucket(tokens: burst, filledAt: now)
            bucket.tokens = filled(bucket, now)
            bucket.filledAt = now
            defer { buckets[tenant] = bucket }
            guard bucket.tokens >= Double(bytes) else { return false }
            bucket.tokens -= Double(bytes)
            return true
        }
    }

    private func filled(_ bucket: Bucket, _ now: Int64) -> Double {
        min(burst, bucket.tokens + max(0, Double(now - bucket.filledAt) / 1e9) * rate)
    }
}
