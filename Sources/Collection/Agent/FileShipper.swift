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
    private let savePeriod: Int64
    private let batchBytes: Int
    private let batchWait: Int64
    private let positions: String
    private let output: any LogOutput
    private let logger: Logger

    /// `positions` is the file of positions. Batches follow the first client's settings.
    package init(config: PromtailConfig, positions: String, output: any LogOutput, logger: Logger) {
        jobs = config.jobs
        tail = config.tail
        pollMilliseconds = max(10, config.pollMilliseconds)
        savePeriod = max(1000, min(config.positionsPeriod, 60_000))
        batchBytes = config.clients.first?.batchBytes ?? 1 << 20
        batchWait = config.clients.first?.batchWait ?? 1000
        self.positions = positions
        self.output = output
        self.logger = logger
    }

    package func run() async throws {
        let begun = try FileWorker(
            tailers: tailers(), positions: PositionStore(path: positions), output: output, batchBytes: batchBytes,
            batchWait: batchWait, savePeriod: savePeriod, logger: logger)
        let poll = pollMilliseconds
        guard
            let thread = SourceThread.start({ thread in
                var worker = begun
                while !thread.isStopping {
                    if !worker.step(now: AgentClock.monotonicMilliseconds()) { thread.pause(milliseconds: poll) }
                }
                worker.finish()
            })
        else { throw StartupFailure("no thread to follow files") }
        try? await gracefulShutdown()
        await thread.stop()
    }

    private func tailers() -> [FileTailer<FileProcessor>] {
        jobs.flatMap { job in
            job.files.map { target in
                FileTailer(include: target.include, exclude: target.exclude, options: tail) { path in
                    FileProcessor(
                        path: path, targetLabels: target.labels, pipeline: job.pipeline,
                        now: { AgentClock.unixNanoseconds() })
                }
            }
        }
    }
}
