package import Delivery
import Durable
package import Logging
import Metrics

/// Puts batches of lines into the queue of each client.
///
/// A batch goes as one payload where it fits into what a queue takes at once (an eighth of `queue.max_bytes`), otherwise as
/// several. A single line that does not fit can never go: it is counted, named in a warning, and dropped.
package struct QueueOutput: LogOutput {
    /// There is no room: the files and the journal keep the lines meanwhile.
    package struct Full: Error, CustomStringConvertible {
        /// The queue's name.
        package let queue: String
        /// Its bound in bytes.
        package let limit: Int

        /// Names the queue, the bound and the key.
        package var description: String {
            "the queue \"\(queue)\" holds most of its \(limit) bytes (queue.max_bytes); its server does not take them"
        }
    }

    /// One client's queue.
    package struct Target: Sendable {
        /// Whose server the queue's payloads go to.
        package let client: LogClient
        /// Where its payloads wait.
        package let queue: DiskQueue
        /// The queue drops its oldest part beyond this; lines stop coming before that.
        let limit: Int

        /// A queue of at most `limit` bytes for a client's payloads.
        package init(client: LogClient, queue: DiskQueue, limit: Int) {
            self.client = client
            self.queue = queue
            self.limit = limit
        }
    }

    private let targets: [Target]
    private let logger: Logger

    /// All clients get every batch.
    package init(_ targets: [Target], logger: Logger) {
        self.targets = targets
        self.logger = logger
    }

    package func ship(_ batch: inout LogBatch) throws {
        let waiting = targets.dropFirst(batch.progress.targets)
        for target in waiting where target.queue.bytes > Int64(target.limit / 4 * 3) {
            throw Full(queue: target.queue.name, limit: target.limit)
        }
        for target in waiting {
            let (payloads, leftOut) = batch.encoded(
                externalLabels: target.client.externalLabels, limit: target.queue.payloadLimit)
            for payload in payloads.dropFirst(batch.progress.payloads) {
                try target.queue.append(payload, tenant: target.client.tenant)
                batch.progress.payloads += 1
            }
            batch.progress = (batch.progress.targets + 1, 0)
            if leftOut > 0 { note(leftOut, target) }
        }
    }

    private func note(_ leftOut: Int, _ target: Target) {
        Counter(label: "martlet_agent_lines_too_large_total", dimensions: [("queue", target.queue.name)])
            .increment(by: leftOut)
        logger.warning(
            "log lines dropped: each is larger than what the queue takes at once, an eighth of queue.max_bytes",
            metadata: [
                "queue": .string(target.queue.name), "lines": .stringConvertible(leftOut),
                "limit_bytes": .stringConvertible(target.queue.payloadLimit),
            ])
    }
}
