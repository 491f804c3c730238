/// What `storage` of a prometheus.yml says.
package struct StorageConfig: Sendable, Hashable {
    /// Samples may be this much older than the newest of all series, in milliseconds, and come in any order; 0 takes them in
    /// order only.
    package var outOfOrderWindowMs: Int64 = 0
    /// Exemplars that are kept.
    package var maxExemplars = 100_000

    /// Prometheus' defaults.
    package init() {}
}
