import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

/// Ctrl-C, which ends what runs but not the report about it.
package enum Interruption {
    /// Runs `body`, which SIGINT or SIGTERM cancels. A second one ends the process.
    package static func ends<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { break }
                return nil
            }
            while let ended = try await group.next() {
                if let result = ended {
                    group.cancelAll()
                    return result
                }
                signal(SIGINT, SIG_DFL)
                signal(SIGTERM, SIG_DFL)
                group.cancelAll()
            }
            throw CancellationError()
        }
    }
}
