import MartletCore
import MetricStorage

/// A sample on its way to a receiver, with the labels that it is sent under.
struct QueuedSample: Sendable {
    enum Content: Sendable {
        case float(Double)
        indirect case histogram(StoredHistogram)
        indirect case exemplar(Labels, Double)
    }

    let series: Labels
    /// Milliseconds since the epoch.
    let timestamp: Int64
    let content: Content
    /// Number of the log's record that it comes from (see `SendProgress`).
    let record: UInt64
    /// Whether it may have been sent by a process that died before it knew.
    let isUncertain: Bool
}
