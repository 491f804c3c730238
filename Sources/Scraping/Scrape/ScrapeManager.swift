package import Logging
package import MartletCore
package import MetricStorage
package import Service
import ServiceLifecycle

/// Runs the scrapes of a configuration: follows discovery files, and takes a new configuration while it runs.
package final class ScrapeManager: ServiceLifecycle.Service {
    /// What scrapes work with.
    package struct Context: Sendable {
        let store: MetricStore
        let blocking: BlockingPool
        let logger: Logger
        /// Whether a zero is stored at a count's start, where an answer tells it.
        let startsAtZero: Bool

        /// Gathers what scrapes work with.
        package init(store: MetricStore, blocking: BlockingPool, logger: Logger, startsAtZero: Bool = false) {
            self.store = store
            self.blocking = blocking
            self.logger = logger
            self.startsAtZero = startsAtZero
        }
    }

    /// A target with its state, for the API.
    package struct ActiveTarget: Sendable {
        package let target: Target
        package let scrapePool: String
        package let status: TargetStatus
    }

    /// A target that relabelling dropped.
    package struct DroppedTarget: Sendable {
        package let discoveredLabels: Labels
        package let scrapePool: String
    }

    /// All targets at one moment.
    package struct Targets: Sendable {
        package var active: [ActiveTarget] = []
        package var dropped: [DroppedTarget] = []
        package var droppedCounts: [String: Int] = [:]
    }

    private struct State {
        var wanted: [ScrapeConfig]
        var generation = 0
        var loops: [ScrapeLoop] = []
        var dropped: [DroppedTarget] = []
        var droppedCounts: [String: Int] = [:]
    }

    private static let refreshInterval = Duration.seconds(5)

    private let context: Context
    private let state: Lock<State>
    private let wake: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// A manager that will scrape these jobs.
    package init(_ jobs: [ScrapeConfig], _ context: Context) {
        self.context = context
        state = Lock(State(wanted: jobs))
        // One wish to look again is as good as many.
        (wake, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Replaces the jobs; the change takes effect shortly after.
    package func apply(_ jobs: [ScrapeConfig]) {
        state.withLock { state in
            state.wanted = jobs
            state.generation += 1
        }
        waker.yield()
    }

    /// The targets and how their last scrapes went.
    package var targets: Targets {
        let (loops, dropped, counts) = state.withLock { ($0.loops, $0.dropped, $0.droppedCounts) }
        var targets = Targets(dropped: dropped, droppedCounts: counts)
        targets.active = loops.map {
            ActiveTarget(target: $0.target, scrapePool: $0.job.jobName, status: $0.current)
        }
        targets.active.sort { ($0.scrapePool, $0.target.labels) < ($1.scrapePool, $1.target.labels) }
        return targets
    }

    /// Scrapes until the server shuts down.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    // Discovery files are looked at every few seconds.
                    while (try? await Task.sleep(for: Self.refreshInterval)) != nil { self.waker.yield() }
                }
                var pools: [ScrapePool] = []
                var generation = -1
                self.waker.yield()
                for await _ in self.wake {
                    if Task.isCancelled { break }
                    let vanished = await self.rebuild(&pools, &generation)
                    for loop in vanished {
                        let job = pools.first { $0.job.jobName == loop.job.jobName }?.job
                        let interval = job?.intervalMs ?? 0
                        group.addTask { await loop.end(jobIntervalMs: interval) }
                    }
                }
                // No series is ended: the server stops, its targets live on.
                for pool in pools { _ = await pool.stop() }
                group.cancelAll()
            }
        }
    }

    /// Brings pools and loops to what the configuration and the discovery files say now.
    /// Gives the loops that it has stopped.
    private func rebuild(_ pools: inout [ScrapePool], _ generation: inout Int) async -> [ScrapeLoop] {
        let (wanted, current) = state.withLock { ($0.wanted, $0.generation) }
        let isNew = current != generation
        var vanished: [ScrapeLoop] = []
        if isNew {
            // What stays as it was goes on undisturbed; the others are made anew with their clients.
            var kept: [String: ScrapePool] = [:]
            for pool in pools {
                if wanted.contains(where: pool.serves) {
                    kept[pool.job.jobName] = pool
                } else {
                    vanished += await pool.stop()
                }
            }
            pools = wanted.compactMap { kept[$0.jobName] ?? makePool($0) }
            generation = current
        }
        var changed = isNew
        for pool in pools where pool.refresh() || isNew {
            vanished += await pool.synchronise()
            changed = true
        }
        guard changed else { return [] }
        let all = pools
        let dropped = all.flatMap { pool in
            pool.dropped.map { DroppedTarget(discoveredLabels: $0, scrapePool: pool.job.jobName) }
        }
        let counts = Dictionary(all.map { ($0.job.jobName, $0.droppedCount) }, uniquingKeysWith: { $0 + $1 })
        let loops = all.flatMap(\.loops)
        state.withLock { state in
            state.loops = loops
            state.dropped = dropped
            state.droppedCounts = counts
        }
        return vanished
    }

    private func makePool(_ job: ScrapeConfig) -> ScrapePool? {
        do {
            return try ScrapePool(job, context)
        } catch {
            context.logger.error("a job cannot be scraped", metadata: ["job": "\(job.jobName)", "error": "\(error)"])
            return nil
        }
    }
}
