package import Delivery
import Service

/// Waits between attempts, longer each time, until a server has failed for too long.
package struct Patience: Sendable {
    /// Failures in a row that are nothing to talk about.
    private static let silent = 4

    private let policy: RetryPolicy
    private let limit: Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let note: @Sendable (String) -> Void
    private let clock = ContinuousClock()
    private var failures = 0
    private var since: ContinuousClock.Instant?

    /// - Parameters:
    ///   - limit: how long a server may fail in a row.
    ///   - sleep: waits, throwing when cancelled.
    ///   - note: is told why it goes no further, once it has not for some attempts.
    package init(
        limit: Duration, policy: RetryPolicy = RetryPolicy(),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        note: @escaping @Sendable (String) -> Void = { StandardError.write("\n\($0); trying again\n") }
    ) {
        self.note = note
        self.limit = limit
        self.policy = policy
        self.sleep = sleep
    }

    /// Waits after a failure. Throws when the server has failed for as long as it may.
    package mutating func wait(_ reason: String, after: Duration? = nil) async throws {
        failures += 1
        let first = since ?? clock.now
        since = first
        let spent = clock.now - first
        guard spent < limit else {
            throw ToolError(
                "\(reason) (for \(spent.components.seconds) s). Run the same command again: it goes on from here")
        }
        if failures == Self.silent { note(reason) }
        var random = SystemRandomNumberGenerator()
        try await sleep(policy.delay(failures: failures, retryAfter: after, using: &random))
    }

    /// Notes that the server answers.
    package mutating func succeed() {
        failures = 0
        since = nil
    }
}
