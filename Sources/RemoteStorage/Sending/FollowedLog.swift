package import Durable
package import MartletCore
package import MetricStorage

/// A write-ahead log that `RemoteWriter` reads behind whoever writes it.
package protocol FollowedLog: Sendable {
    /// The directory that has the log in `wal`.
    var path: String { get }
    /// Behind the last record.
    var logEnd: RecordPosition { get }
    /// Time of the newest sample, in milliseconds since the epoch; the minimum when there is none.
    var newestSampleMs: Int64 { get }
    /// What is known of metric families.
    var metadata: MetadataTable { get }
    /// What readers take their memory from.
    var queryBudget: MemoryBudget { get }
    /// Asks, whenever the log is about to be truncated, for the oldest segment that somebody still reads; nil when nobody
    /// does.
    func holdLog(_ oldest: @escaping @Sendable () -> Int?)
}

extension MetricStore: FollowedLog {
    package var newestSampleMs: Int64 { statistics.maxTimeMs }
}

extension SeriesLog: FollowedLog {
    package var queryBudget: MemoryBudget { budget }
}
