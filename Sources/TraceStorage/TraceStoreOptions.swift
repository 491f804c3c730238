package import Durable

/// How a store keeps its spans.
package struct TraceStoreOptions: Sendable {
    /// Spans go this many seconds after they arrived.
    package var retentionSeconds: Int
    /// Memory and log of one tenant stay below this many bytes each; the oldest spans go first.
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
    /// Spans in one part of the memory.
    package var rowsPerPart: Int
    /// Size of the log's segments; a multiple of 32 KiB.
    package var segmentBytes: Int

    /// 2 h or 1 GB, and Tempo's default limits.
    package init() {
        retentionSeconds = 7200
        retentionBytes = 1_000_000_000
        traceBytes = 5_000_000
        traceBytesKey = "overrides.defaults.global.max_bytes_per_trace"
        maxTenants = 1000
        maxTenantsKey = "--storage.max-tenants"
        attributes = AttributeLimits()
        sync = .interval(seconds: 1)
        rowsPerPart = 16384
        segmentBytes = 32 << 20
    }
}
