import MartletCore

/// Token buckets, one for each tenant.
package final class IngestGate: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt: UInt64
    }

    /// The limit.
    package let rate: IngestRate
    private let buckets = Lock<[String: Bucket]>([:])

    /// Full buckets.
    package init(_ rate: IngestRate) {
        self.rate = rate
    }

    /// Takes `bytes` from the tenant's bucket; nil when they were there, else the seconds after which they may be.
    ///
    /// - Parameter now: Unix nanoseconds.
    package func take(_ bytes: Int, tenant: String, now: UInt64) -> Int? {
        buckets.withLock { buckets in
            var bucket = buckets[tenant] ?? Bucket(tokens: Double(rate.burstBytes), filledAt: now)
            let elapsed = Double(now - min(now, bucket.filledAt)) / 1e9
            bucket.tokens = min(Double(rate.burstBytes), bucket.tokens + elapsed * Double(rate.bytesPerSecond))
            bucket.filledAt = now
            defer { buckets[tenant] = bucket }
            // A request larger than the whole bucket passes when the bucket is full, else it could never be sent.
            let needed = Double(min(bytes, rate.burstBytes))
            guard bucket.tokens >= needed else {
                return max(1, Int(((needed - bucket.tokens) / Double(rate.bytesPerSecond)).rounded(.up)))
            }
            bucket.tokens -= Double(bytes)
            return nil
        }
    }
}
