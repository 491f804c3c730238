import Logging
import NIOPosix

/// Threads for work that blocks or burns CPU (fsync, compression, big queries, password hashing), so that neither the
/// event loops nor Swift's cooperative pool ever wait for it.
package final class BlockingPool: Sendable {
    /// The queue is full: more work would only add latency and memory.
    package struct Saturated: Error, CustomStringConvertible {
        /// Jobs that may wait at a time.
        package let queueLimit: Int
        package var description: String { "too much work is waiting (\(queueLimit) jobs); try again later" }
    }

    /// Number of threads.
    package let threads: Int
    /// Jobs that may wait for a thread at a time.
    package let queueLimit: Int

    private let pool: NIOThreadPool
    private let pending: PendingCount

    /// Starts the threads.
    /// - Parameters:
    ///   - threads: how many jobs run at a time.
    ///   - queueLimit: how many more may wait before ``run(_:)`` throws ``Saturated``.
    package init(threads: Int, queueLimit: Int = 1024) {
        self.threads = threads
        self.queueLimit = queueLimit
        self.pending = PendingCount()
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    /// Runs `body` on one of the threads. Throws ``Saturated`` when the queue is full and `CancellationError` when the
    /// task is cancelled before the job began; a job that has begun runs to its end.
    package func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        guard pending.enter(limit: threads + queueLimit) else { throw Saturated(queueLimit: queueLimit) }
        defer { pending.leave() }
        return try await pool.runIfActive(body)
    }

    /// Stops the threads once what is queued has run.
    package func shutdown() async {
        try? await pool.shutdownGracefully()
    }
}
