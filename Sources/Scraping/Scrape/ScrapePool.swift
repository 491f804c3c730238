import Durable
import Logging
import MartletCore
import MetricStorage
import Service

/// The targets of one scrape configuration and their loops. Used by `ScrapeManager` alone.
final class ScrapePool {
    let job: ScrapeConfig
    private let client: ScrapeClient
    /// The files that the client was made with, as they were then.
    private let clientFiles: [FileStatus?]
    private let context: ScrapeManager.Context
    private var watches: [FileWatch]
    private var running: [Target.Identity: (loop: ScrapeLoop, task: Task<Void, Never>)] = [:]
    private(set) var dropped: [Labels] = []
    private(set) var droppedCount = 0

    init(_ job: ScrapeConfig, _ context: ScrapeManager.Context) throws {
        self.job = job
        self.context = context
        clientFiles = Self.clientFiles(job)
        client = try ScrapeClient(job, startsAtZero: context.startsAtZero)
        watches = job.fileDiscoveries.map(FileWatch.init)
    }

    /// Whether the pool is as one made anew for a job would be.
    func serves(_ job: ScrapeConfig) -> Bool { job == self.job && clientFiles == Self.clientFiles(job) }

    private static func clientFiles(_ job: ScrapeConfig) -> [FileStatus?] {
        (job.http.tls?.files ?? []).map { try? DiskFileSystem().status($0) }
    }

    /// The loops that run now.
    var loops: [ScrapeLoop] { running.values.map(\.loop) }

    /// Looks at the discovery files; true when targets may have changed.
    func refresh() -> Bool {
        var changed = false
        for index in watches.indices { changed = watches[index].refresh(context.logger) || changed }
        return changed
    }

    /// Starts loops for new targets and stops those of vanished ones. It gives these back: their series are to be
    /// ended.
    func synchronise() async -> [ScrapeLoop] {
        let wanted = targets()
        let vanished = running.filter { wanted[$0.key] == nil }
        for (identity, entry) in vanished {
            running[identity] = nil
            entry.task.cancel()
        }
        for entry in vanished.values { await entry.task.value }
        let failure = limitFailure(wanted.count)
        for (identity, target) in wanted {
            if let entry = running[identity] {
                entry.loop.update(target)
                entry.loop.force(failure)
            } else {
                let loop = ScrapeLoop(
                    target, job, client: client, context)
                loop.force(failure)
                running[identity] = (loop, Task { await loop.run() })
            }
        }
        return vanished.values.map(\.loop)
    }

    /// Stops all loops and gives them back: the series of those that are not scraped on are to be ended.
    func stop() async -> [ScrapeLoop] {
        let stopped = running.values
        running = [:]
        for entry in stopped { entry.task.cancel() }
        for entry in stopped { await entry.task.value }
        await client.shutdown()
        return stopped.map(\.loop)
    }

    /// What discovery finds; of a target that it finds more than once the last.
    private func targets() -> [Target.Identity: Target] {
        var result: [Target.Identity: Target] = [:]
        dropped = []
        droppedCount = 0
        for group in job.staticGroups + watches.flatMap(\.groups) {
            for address in group.targets {
                let discovered = Target.discovered(address, group, job)
                do throws(Target.Refusal) {
                    let target = try Target(discovered, job)
                    result[target.identity] = target
                } catch .dropped {
                    droppedCount += 1
                    if job.limits.droppedTargets == 0 || dropped.count < job.limits.droppedTargets {
                        dropped.append(discovered)
                    }
                } catch {
                    context.logger.error(
                        "a target is unusable",
                        metadata: ["job": "\(job.jobName)", "address": "\(address)", "error": "\(error)"])
                }
            }
        }
        return result
    }

    /// What every scrape fails with when there are too many targets. They stay, so that one sees them and their `up`.
    private func limitFailure(_ count: Int) -> ScrapeFailure? {
        let limit = job.limits.targets
        guard limit > 0, count > limit else { return nil }
        let failure = ScrapeFailure("target_limit exceeded (number of targets: \(count), limit: \(limit))")
        context.logger.error("all scrapes of a job fail", metadata: ["job": "\(job.jobName)", "error": "\(failure)"])
        return failure
    }
}
