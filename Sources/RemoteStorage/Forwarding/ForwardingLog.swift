package import Durable
package import Logging
package import MartletCore
package import MetricStorage
package import Service
import ServiceLifecycle

/// A series made here and stored elsewhere, and what is new of it.
package typealias ForwardedSeries = SeriesLog.Series

/// Samples that are made here and stored elsewhere: they are written to a log of their own, and sent on from there by
/// remote write, so that neither a receiver's outage nor a restart of this process loses any.
///
/// Its directory has the log in `wal` and the queues' positions in `remote-write`. The log is truncated behind the slowest
/// queue, within the bounds of the options.
package final class ForwardingLog: ServiceLifecycle.Service {
    /// How samples are kept and sent.
    package struct Options: Sendable {
        package var log = SeriesLog.Options()
        package var sending: RemoteWriter.Options = {
            var options = RemoteWriter.Options()
            // What is made here is small beside what a store takes.
            options.backlogBytes = 1 << 30
            return options
        }()

        /// Kept for three days and 1 GiB while a receiver is down.
        package init() {}
    }

    private static let interval = Duration.seconds(60)

    /// The queues, for their metrics.
    package let writer: RemoteWriter
    private let log: SeriesLog
    private let blocking: BlockingPool
    private let logger: Logger

    /// Opens or makes the directory and repairs its log. Nothing is sent before `apply` and `run`. Blocks on the disk.
    package init(
        _ path: String, options: Options = Options(), budget: MemoryBudget, blocking: BlockingPool, logger: Logger,
        on fileSystem: any FileSystem = DiskFileSystem()
    ) throws {
        log = try SeriesLog(path, options: options.log, budget: budget, logger: logger, on: fileSystem)
        writer = RemoteWriter(store: log, blocking: blocking, options: options.sending, logger: logger)
        self.blocking = blocking
        self.logger = logger
    }

    /// Writes what is new of some series, each at most once, with times that ascend from call to call. On return it is in the
    /// log and will be sent. After a failure nothing counts as written, and the same may be given again; a full disk
    /// (`.noSpace`) is one from which the log recovers by itself. Blocks on the disk.
    package func append(_ series: [ForwardedSeries]) throws(DurableError) { try log.append(series) }

    /// Takes a configuration: where samples are sent on to, and which labels they get that have them not. Queues that it leaves
    /// as they were go on.
    package func apply(_ receivers: [RemoteWriteConfig], externalLabels: [(key: String, value: String)]) async throws {
        try await writer.apply(receivers, externalLabels: externalLabels)
    }

    /// Series that have samples in the log.
    package var seriesCount: Int { log.seriesCount }

    /// Sends and truncates until the server shuts down; what was read is then still sent, as long as the deadline lets it. The
    /// rest goes on with the next start.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while (try? await Task.sleep(for: Self.interval)) != nil { await self.truncate() }
            }
            try await writer.run()
            group.cancelAll()
        }
    }

    private func truncate() async {
        do {
            try await blocking.run { [log] in try log.truncate(nowMs: WallClock.milliseconds) }
        } catch is CancellationError {
            return
        } catch {
            logger.error(
                "the log of samples to be sent cannot be truncated; it is tried again in a minute",
                metadata: ["error": "\(error)"])
        }
    }

    /// Ends what still runs and closes the log.
    package func close() async throws {
        await writer.stop()
        try await blocking.run { [log] in try log.close() }
    }
}
