import MartletCore

/// The queries that rules run now, so that a server that stops need not wait for them.
package final class RunningQueries: Sendable {
    private struct State {
        var cancels: [UInt64: @Sendable () -> Void] = [:]
        var next: UInt64 = 0
        var isStopped = false
    }

    private let state = Lock(State())

    /// No queries.
    package init() {}

    /// Runs a query that `stop` ends through `cancel`, which may be called from any thread.
    package func run<Result, Failure: Error>(
        cancel: @escaping @Sendable () -> Void, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let (id, isStopped) = state.withLock { state in
            state.next += 1
            state.cancels[state.next] = cancel
            return (state.next, state.isStopped)
        }
        defer { state.withLock { _ = $0.cancels.removeValue(forKey: id) } }
        if isStopped { cancel() }
        return try body()
    }

    /// Cancels all queries, and those to come.
    package func stop() {
        let cancels = state.withLock { state in
            state.isStopped = true
            return Array(state.cancels.values)
        }
        for cancel in cancels { cancel() }
    }
}
