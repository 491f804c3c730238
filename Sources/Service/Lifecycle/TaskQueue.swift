/// Runs pieces of work one after another, in the order in which they came.
///
/// An actor alone does not do that: while one call of it waits, another begins.
package actor TaskQueue {
    private var last: Task<Void, Never>?

    package init() {}

    /// Does the work once all that came before is done, whether that succeeded or not.
    package func run<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let before = last
        let task = Task {
            await before?.value
            return try await work()
        }
        last = Task { _ = try? await task.value }
        return try await task.value
    }
}
