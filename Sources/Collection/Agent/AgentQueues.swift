import Delivery
import Durable
import Logging
import Service

/// Opens the agent's queues, each with its sender.
struct AgentQueues {
    /// The data directory.
    let directory: String
    /// Bounds of each queue.
    let options: DiskQueue.Options

    /// A queue in its own directory below `queue/`, delivered to `destination` as long as the daemon runs.
    mutating func open(
        _ name: String, _ daemon: inout Daemon, to destination: HTTPDestination, policy: RetryPolicy = RetryPolicy()
    ) async throws -> DiskQueue {
        let path = FilePath.join(FilePath.join(directory, "queue"), name)
        let options = options
        let logger = daemon.logger
        let queue = try await daemon.blocking.run {
            try DiskFileSystem().makeDirectories(path)
            return try DiskQueue(
                path, name: name, options: options, logger: logger,
                now: { WallClock.milliseconds })
        }
        if queue.count > 0 {
            logger.info(
                "payloads wait from before",
                metadata: ["queue": .string(name), "count": .stringConvertible(queue.count)])
        }
        daemon.add(Sender(queue, to: destination, policy: policy, blocking: daemon.blocking, logger: logger))
        let blocking = daemon.blocking
        daemon.onShutdown {
            do {
                try await blocking.run { try queue.close() }
            } catch {
                logger.error("cannot close a queue: \(error)", metadata: ["queue": .string(name)])
            }
        }
        return queue
    }
}
