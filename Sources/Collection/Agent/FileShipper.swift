import Durable
package import Logging
import MartletCore
import Metrics
import Service
import ServiceLifecycle

/// Follows all files of the configuration and ships their lines, on a thread of its own.
///
/// A position moves only when the lines before it are in the queue, so a crash repeats at most what was read since.
package struct FileShipper: ServiceLifecycle.Service {
    private let jobs: [LogJob]
    private let tail: TailOptions
    private let pollMilliseconds: Int64
    private let pace: FileWorker.Pace
    private let positions: String
    private let output: any LogOutput
    private let logger: Logger

    /// `positions` is the file of positions; `settle` is the time in milliseconds after which the queue is on the disk.
    /// Batches follow the first client's settings.
    package init(
        config: PromtailConfig, positions: String, settle: Int64, output: any LogOutput, logger: Logger
    ) {
        jobs = config.jobs
        tail = config.tail
        pollMilliseconds = max(10, config.pollMilliseconds)
        var pace = FileWorker.Pace()
        if let client = config.clients.first {
            pace.batchBytes = client.batchBytes
            pace.batchWait = client.batchWait
        }
        pace.settle = settle
        self.pace = pace
        self.positions = positions
        self.output = output
        self.logger = logger
    }

    package func run() async throws {
        let begun = try FileWorker(
            jobs: jobs, tail: tail, positions: PositionStore(path: positions), output: output, pace: pace,
            logger: logger,
            now: { WallClock.nanoseconds })
        let poll = pollMilliseconds
        guard
            let thread = SourceThread.start({ thread in
                var worker = begun
                while !thread.isStopping {
                    if !worker.step(now: AgentClock.monotonicMilliseconds()) { thread.pause(milliseconds: poll) }
                }
                worker.finish(now: AgentClock.monotonicMilliseconds())
            })
        else { throw StartupFailure("no thread to follow files") }
        try? await gracefulShutdown()
        await thread.stop()
    }
}
