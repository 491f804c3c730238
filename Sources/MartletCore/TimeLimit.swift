/// An operation took longer than it may.
package struct TimedOut: Error, Sendable, Hashable {
    /// How long it might have taken.
    package let limit: Duration
}

/// Runs `operation` and cancels it when it has not ended after `limit`: then, once it has, this throws ``TimedOut``.
///
/// The operation must heed its cancellation; what waits without doing so is waited for.
package func withTimeLimit<Result: Sendable>(
    _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else { throw TimedOut(limit: limit) }
        return result
    }
}
