/// Asynchronous calls from threads that may block, as those of queries are.
package enum BlockingCall {
    /// Runs `body` and waits for it. Never to be called from a task.
    package static func run<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) throws -> Result {
        try wait {
            do { return Swift.Result<Result, any Error>.success(try await body()) } catch { return .failure(error) }
        }.get()
    }

    /// The same for what cannot fail.
    package static func wait<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) -> Result {
        let done = Monitor<Result?>(nil)
        Task {
            let result = await body()
            done.withLock { $0 = result }
            done.wakeAll()
        }
        return done.wait { $0 }
    }
}
