import Delivery
import Durable

/// Puts batches of lines into the queue of each client.
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
    struct Target: Sendable {
        let client: LogClient
        let queue: DiskQueue
        /// The queue drops its oldest part beyond this; lines stop coming before that.
        let limit: Int
    }

    private let targets: [Target]

    /// All clients get every batch.
    init(_ targets: [Target]) { self.targets = targets }

    package func ship(_ batch: LogBatch) throws {
        for target in targets where target.queue.bytes > Int64(target.limit / 4 * 3) {
            throw Full(queue: target.queue.name, limit: target.limit)
        }
        for target in targets {
            try target.queue.append(
                batch.encoded(externalLabels: target.client.externalLabels), tenant: target.client.tenant)
        }
    }
}
