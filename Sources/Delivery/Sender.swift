package import Logging
import Metrics
package import Service
import ServiceLifecycle

/// Takes payloads from a queue in order and delivers each until it is taken, refused for good, or too old.
package final class Sender: ServiceLifecycle.Service, CustomStringConvertible {
    private let queue: DiskQueue
    private let destination: any Destination
    private let policy: RetryPolicy
    private let blocking: BlockingPool
    private let logger: Logger
    private let drainTime: Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let sent: Counter
    private let retried: Counter
    private let refused: Counter
    private let expired: Counter
    private let limited: [DeliveryLimit: Counter]
    /// Payloads that must be taken one after the other until a limit on streams is waited out again: once a payload was
    /// dropped for it, those that meet it next are dropped at once. Nobody gains from a queue that stands still before each.
    /// A limit on the rate of all lets every payload through in time.
    private static let recovery = 100

    /// - Parameters:
    ///   - queue: read by this sender alone.
    ///   - drainTime: how long the request in flight may take when the process stops; then it is cut and sent again at
    ///     the next start.
    ///   - sleep: waits, throwing when cancelled.
    package init(
        _ queue: DiskQueue, to destination: any Destination, policy: RetryPolicy = RetryPolicy(),
        blocking: BlockingPool,
        logger: Logger, drainTime: Duration = .seconds(5),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.queue = queue
        self.destination = destination
        self.policy = policy
        self.blocking = blocking
        var logger = logger
        logger[metadataKey: "queue"] = .string(queue.name)
        logger[metadataKey: "destination"] = .string(destination.label)
        self.logger = logger
        self.drainTime = drainTime
        self.sleep = sleep
        let dimensions = [("queue", queue.name)]
        sent = Counter(label: "martlet_delivery_sent_payloads_total", dimensions: dimensions)
        retried = Counter(label: "martlet_delivery_retries_total", dimensions: dimensions)
        refused = Counter(
            label: "martlet_delivery_dropped_payloads_total", dimensions: dimensions + [("reason", "refused")])
        expired = Counter(
            label: "martlet_delivery_dropped_payloads_total", dimensions: dimensions + [("reason", "expired")])
        limited = Dictionary(
            uniqueKeysWithValues: DeliveryLimit.allCases.map { limit in
                let counter = Counter(
                    label: "martlet_delivery_dropped_payloads_total",
                    dimensions: dimensions + [("reason", limit.rawValue)])
                return (limit, counter)
            })
    }

    package var description: String { "sender of queue \(queue.name)" }

    /// Delivers until the process stops. What is left then stays in the queue.
    package func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            var arrivals = queue.arrivals.makeAsyncIterator()
            // After one was dropped for a limit on streams: payloads that must be taken before such a limit is waited out again.
            var impatience = 0
            while !Task.isCancelled {
                do {
                    while let item = try await blocking.run({ [queue] in try queue.peek() }) {
                        guard await deliver(item, &impatience) else { return }
                        await commit(item)
                    }
                    if await arrivals.next(isolation: nil) == nil { return }
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("queue cannot be read", metadata: ["error": .string("\(error)")])
                    try? await sleep(policy.maximum)
                }
            }
        }
    }

    /// Removes a delivered payload. Not cancelled with the sender, and tried until it works: what is not committed is sent
    /// again.
    private func commit(_ item: DiskQueue.Item) async {
        while true {
            do {
                return try await Task { [blocking, queue] in
                    try await blocking.run { try queue.commit(item) }
                }.value
            } catch {
                logger.error("the queue's place cannot be written", metadata: ["error": .string("\(error)")])
                guard (try? await sleep(policy.initial)) != nil else { return }
            }
        }
    }

    /// Tries until the payload is done with; false when told to stop before.
    private func deliver(_ item: DiskQueue.Item, _ impatience: inout Int) async -> Bool {
        var failures = 0
        var refusals: [DeliveryLimit: Int] = [:]
        var random = SystemRandomNumberGenerator()
        while true {
            if queue.isExpired(item) {
                expired.increment()
                logger.warning(
                    "payload dropped, it waited too long",
                    metadata: ["bytes": .stringConvertible(item.payload.body.count)])
                return true
            }
            switch await attempt(item.payload) {
            case nil: return false
            case .delivered:
                succeed(after: failures)
                impatience = max(0, impatience - 1)
                return true
            case .partial(let rejected, let message):
                succeed(after: failures)
                logger.warning(
                    "payload taken in part",
                    metadata: ["rejected": .stringConvertible(rejected), "reason": .string(message)])
                return true
            case .refused(let reason):
                refused.increment()
                logger.warning(
                    "payload dropped, it was refused",
                    metadata: [
                        "reason": .string(reason), "bytes": .stringConvertible(item.payload.body.count),
                    ])
                return true
            case .limited(let limit, let reason, let after):
                refusals[limit, default: 0] += 1
                if let most = policy.attemptsAtLimit[limit],
                    refusals[limit, default: 0] >= most || (limit == .streams && impatience > 0)
                {
                    if limit == .streams { impatience = Self.recovery }
                    drop(item, for: limit, reason: reason, attempts: failures + 1)
                    return true
                }
                failures += 1
                guard await pause(after: failures, reason, after, using: &random) else { return false }
            case .retry(let reason, let after):
                failures += 1
                guard await pause(after: failures, reason, after, using: &random) else { return false }
            case .denied(let reason):
                failures += 1
                guard await pause(after: failures, reason, nil, using: &random) else { return false }
            }
        }
    }

    /// Waits before the next attempt; false when told to stop.
    private func pause(
        after failures: Int, _ reason: String, _ after: Duration?, using random: inout SystemRandomNumberGenerator
    ) async -> Bool {
        retried.increment()
        let delay = policy.delay(failures: failures, retryAfter: after, using: &random)
        // The first failure of a row is news, later ones are not.
        logger.log(
            level: failures == 1 ? .warning : .debug, "delivery failed, trying again",
            metadata: [
                "reason": .string(reason), "attempt": .stringConvertible(failures),
                "delay": .string("\(Int((delay / .milliseconds(1)).rounded())) ms"),
                "waiting": .stringConvertible(queue.count),
            ])
        do {
            try await sleep(delay)
            return true
        } catch {
            return false
        }
    }

    private func drop(_ item: DiskQueue.Item, for limit: DeliveryLimit, reason: String, attempts: Int) {
        limited[limit]?.increment()
        logger.warning(
            "payload dropped, the receiver has a limit that stands against it",
            metadata: [
                "limit": .string(limit.rawValue), "reason": .string(reason),
                "attempts": .stringConvertible(attempts), "bytes": .stringConvertible(item.payload.body.count),
            ])
    }

    private func succeed(after failures: Int) {
        sent.increment()
        guard failures > 0 else { return }
        logger.info(
            "delivering again",
            metadata: ["failures": .stringConvertible(failures), "waiting": .stringConvertible(queue.count)])
    }

    /// One attempt. The process stopping leaves it `drainTime`; nil when that was not enough.
    private func attempt(_ payload: Payload) async -> DeliveryOutcome? {
        guard !Task.isCancelled else { return nil }
        // A task of its own, which the stop does not cancel at once.
        let sending = Task { [destination] in await destination.send(payload) }
        return await withTaskCancellationHandler {
            let outcome = await sending.value
            if Task.isCancelled, case .retry = outcome { return nil }
            return outcome
        } onCancel: {
            Task { [drainTime] in
                try? await Task.sleep(for: drainTime)
                sending.cancel()
            }
        }
    }
}
