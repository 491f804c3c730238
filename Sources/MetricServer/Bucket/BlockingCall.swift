import Durable

/// Asynchronous calls from threads that may block, as those of queries are.
enum BlockingCall {
    /// Runs `body` and waits for it. Never to be called from a task.
    static func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
        let done = Monitor<Swift.Result<Result, any Error>?>(nil)
        Task {
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            done.withLock { $0 = result }
            done.wakeAll()
        }
        return try done.wait { $0 }.get()
    }
}
