/// `queue_config`: how samples wait for one receiver, and how they are sent. Times are milliseconds.
package struct QueueConfig: Sendable, Equatable {
    /// Samples that wait in a shard; reading of the log stops while they are as many.
    package var capacity = 10_000
    package var minShards = 1
    package var maxShards = 50
    /// Samples in one request.
    package var batchSize = 2000
    /// How long a sample waits for others to be sent with.
    package var batchDeadlineMs: Int64 = 5000
    /// Before a request that failed is tried again; doubles each time.
    package var minBackoffMs: Int64 = 30
    package var maxBackoffMs: Int64 = 5000
    /// Whether 429 means that the request is tried again, and not that it is given up.
    package var retriesOn429 = false
    /// Samples that are older when they are sent are dropped; 0 keeps all.
    package var sampleAgeLimitMs: Int64 = 0

    /// Prometheus' defaults.
    package init() {}
}
