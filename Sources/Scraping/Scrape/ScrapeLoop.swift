import Logging
import MartletCore
import MetricStorage
import Service

/// Scrapes one target at its interval until it is cancelled.
final class ScrapeLoop: Sendable {
    let job: ScrapeConfig
    private let latest: Lock<Target>
    private let status = Lock(TargetStatus())
    private let forced = Lock<ScrapeFailure?>(nil)
    private let session: Lock<ScrapeSession>
    private let client: ScrapeClient
    private let blocking: BlockingPool
    private let logger: Logger

    init(
        _ target: Target, _ job: ScrapeConfig, client: ScrapeClient, _ context: ScrapeManager.Context
    ) {
        latest = Lock(target)
        self.job = job
        self.client = client
        blocking = context.blocking
        logger = context.logger
        session = Lock(ScrapeSession(target, job, store: context.store, startsAtZero: context.startsAtZero))
    }

    /// The target, with the labels that it was discovered with last.
    var target: Target { latest.withLock { $0 } }

    /// Takes the target as discovery finds it now. Its identity must be the same: a scrape does not notice.
    func update(_ target: Target) { latest.withLock { $0 = target } }

    /// Fails every scrape from now on without asking the target; nil asks it again.
    func force(_ failure: ScrapeFailure?) { forced.withLock { $0 = failure } }

    /// How the last scrape went.
    var current: TargetStatus { status.withLock { $0 } }

    /// Runs until the task is cancelled.
    func run() async {
        var next = Self.firstScrape(target, nowMs: WallClock.milliseconds)
        while !Task.isCancelled {
            let wait = next - WallClock.milliseconds
            if wait > 0 {
                do { try await Task.sleep(for: .milliseconds(wait)) } catch { return }
            }
            let now = WallClock.milliseconds
            // Timestamps on the grid compress better: a start within 2 ms of it counts as on it.
            let tolerance = min(2, target.intervalMs / 100)
            await scrape(timeMs: abs(now - next) <= tolerance ? next : now)
            next += target.intervalMs
            // Slots that were missed are left out.
            if next < WallClock.milliseconds { next = Self.firstScrape(target, nowMs: WallClock.milliseconds) }
        }
    }

    /// Ends the target's series; to be called when it has vanished, after `run` has returned. It may be back soon, or
    /// have moved: so this waits until it would have been scraped twice, the second time at the interval that its job
    /// has now, and a tenth of that more. When the task is cancelled meanwhile nothing is written: the server stops,
    /// and may find the target again after its start.
    func end(jobIntervalMs: Int64) async {
        guard current.lastScrapeMs != nil else { return }
        let interval = max(target.intervalMs, jobIntervalMs)
        let timeMs = Self.firstScrape(target, nowMs: WallClock.milliseconds)
        let wait = timeMs + interval + interval / 10 - WallClock.milliseconds
        do { try await Task.sleep(for: .milliseconds(wait)) } catch { return }
        let session = session
        do {
            try await blocking.run { try session.withLock { try $0.end(timeMs: timeMs) } }
        } catch {
            if Task.isCancelled { return }
            logger.error("stale markers cannot be written", metadata: ["target": "\(target.url)", "error": "\(error)"])
        }
    }

    private func scrape(timeMs: Int64) async {
        let started = ContinuousClock.now
        let answer: Result<ScrapeClient.Answer, ScrapeFailure>
        do throws(ScrapeFailure) {
            if let failure = forced.withLock({ $0 }) { throw failure }
            answer = .success(try await client.fetch(target))
        } catch {
            answer = .failure(error)
        }
        if Task.isCancelled { return }
        let elapsed = ContinuousClock.now - started
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let session = session
        do {
            let report = try await blocking.run {
                try session.withLock { session in
                    switch answer {
                    case .success(let answer):
                        try Self.take(answer, &session, timeMs, seconds)
                    case .failure(let failure):
                        try session.fail(failure, timeMs: timeMs, durationSeconds: seconds)
                    }
                }
            }
            note(report, timeMs)
        } catch {
            logger.error(
                "samples cannot be written", metadata: ["target": "\(target.url)", "error": "\(error)"])
            status.withLock { status in
                status.health = .down
                status.lastError = "\(error)"
                status.lastScrapeMs = timeMs
            }
        }
    }

    private static func take(
        _ answer: ScrapeClient.Answer, _ session: inout ScrapeSession, _ timeMs: Int64, _ seconds: Double
    ) throws -> ScrapeReport {
        do {
            return try answer.withBytes {
                try session.take($0, format: answer.format, timeMs: timeMs, durationSeconds: seconds)
            }
        } catch let failure as ScrapeFailure {
            return try session.fail(failure, timeMs: timeMs, durationSeconds: seconds)
        }
    }

    private func note(_ report: ScrapeReport, _ timeMs: Int64) {
        status.withLock { status in
            status.health = report.failure == nil ? .up : .down
            status.lastError = report.failure?.description ?? ""
            status.lastScrapeMs = timeMs
            status.lastDurationSeconds = report.durationSeconds
        }
        if let failure = report.failure {
            logger.debug("scrape failed", metadata: ["target": "\(target.url)", "error": "\(failure)"])
        }
        let refused =
            report.outOfOrder + report.duplicates + report.outOfBounds + report.refusedForMemory + report.overLimits
        if refused > 0 {
            logger.warning(
                "samples of a scrape were refused",
                metadata: [
                    "target": "\(target.url)", "out_of_order": "\(report.outOfOrder)",
                    "duplicate": "\(report.duplicates)", "out_of_bounds": "\(report.outOfBounds)",
                    "memory_limit": "\(report.refusedForMemory)", "over_limits": "\(report.overLimits)",
                    "limit": "\(report.limitReason)",
                ])
        }
    }

    /// The next time on the target's grid: its phase within the interval comes from the hash of its labels, which
    /// spreads targets evenly and keeps each one's phase over restarts.
    static func firstScrape(_ target: Target, nowMs: Int64) -> Int64 {
        let phase = Int64(target.labels.hash64 % UInt64(target.intervalMs))
        let base = nowMs - nowMs % target.intervalMs + phase
        return base > nowMs ? base : base + target.intervalMs
    }
}
