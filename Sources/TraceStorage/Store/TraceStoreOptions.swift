package import Durable
package import TraceSampling

/// How a store keeps its spans.
package struct TraceStoreOptions: Sendable {
    /// Spans go this many seconds after they arrived; 0 for never.
    package var retentionSeconds: Int
    /// Bytes of disk that the parts of one tenant may take; the oldest spans go first; 0 for no limit.
    package var retentionBytes: Int
    /// Largest trace, in bytes of its encoded spans; 0 for no limit.
    package var traceBytes: Int
    /// The configuration key of `traceBytes`, for messages.
    package var traceBytesKey: String
    /// Most tenants of a database.
    package var maxTenants: Int
    /// The flag or key of `maxTenants`, for messages.
    package var maxTenantsKey: String
    /// Longest attribute keys and values.
    package var attributes: AttributeLimits
    /// When acknowledged spans survive power loss.
    package var sync: SyncPolicy
    /// Spans in one part of the memory, and in a row group on disk.
    package var rowsPerPart: Int
    /// Spans in memory after which they are written to a part on disk.
    package var spansPerFlush: Int
    /// Seconds after which they are written although they are fewer.
    package var flushSeconds: Int
    /// Parts of a like size that are merged into one.
    package var mergeWidth: Int
    /// Bytes of a part beyond which it is not merged any more.
    package var partBytes: Int
    /// Size of the log's segments; a multiple of 32 KiB. A request must fit in one.
    package var segmentBytes: Int
    /// Which traces go into parts; nil for all.
    package var tail: TailSampling?
    /// Whether parts may leave the disk for an object store: those that stay go on saying which traces they share with them.
    package var partsMayLeave: Bool

    /// Two weeks, and Tempo's default limits.
    package init() {
        retentionSeconds = 336 * 3600
        retentionBytes = 0
        traceBytes = 5_000_000
        traceBytesKey = "overrides.defaults.global.max_bytes_per_trace"
        maxTenants = 1000
        maxTenantsKey = "--storage.max-tenants"
        attributes = AttributeLimits()
        sync = .interval(seconds: 1)
        rowsPerPart = 16384
        spansPerFlush = 131_072
        flushSeconds = 15
        mergeWidth = 8
        partBytes = 256 << 20
        segmentBytes = 128 << 20
        partsMayLeave = false
    }

    /// Makes the log's segments large enough for requests of so many bytes, also for those that do not compress.
    package mutating func fit(requestBytes: Int) {
        // Beside the request a record holds frames, a head and the refused spans. No request has more than 2 GiB.
        let bytes = min(requestBytes, Int(Int32.max))
        let needed = bytes + bytes / 32 + (1 << 20)
        segmentBytes = max(segmentBytes, (needed + 32767) / 32768 * 32768)
    }
}

extension TraceStoreOptions {
    /// Unix nanoseconds: what arrived before is past retention; 0 when nothing is.
    func oldestArrival(now: UInt64) -> UInt64 {
        guard retentionSeconds > 0 else { return 0 }
        let (age, overflow) = UInt64(retentionSeconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? 0 : now - min(now, age)
    }

    /// Bytes that a merged part may have: the oldest part goes as a whole when there is too much, which must not be most of
    /// what there is.
    var largestPart: Int { retentionBytes > 0 ? min(partBytes, retentionBytes / 8) : partBytes }

    /// Nanoseconds that the arrivals of a merged part may span, so that parts go not much later than their first spans.
    var longestPart: UInt64 {
        guard retentionSeconds > 0 else { return .max }
        let (length, overflow) = UInt64(max(3600, retentionSeconds / 10)).multipliedReportingOverflow(
            by: 1_000_000_000)
        return overflow ? .max : length
    }
}
