import MartletCore
import PromQL

/// The queries that rules run now, so that a server that stops need not wait for them.
final class RunningQueries: Sendable {
    private struct State {
        var contexts: [ObjectIdentifier: QueryContext] = [:]
        var isStopped = false
    }

    private let state = Lock(State())

    /// Runs a query that `stop` cancels.
    func run<Result>(
        _ context: QueryContext, _ body: (QueryContext) throws(QueryError) -> Result
    ) throws(QueryError) -> Result {
        let id = ObjectIdentifier(context)
        let isStopped = state.withLock { state in
            state.contexts[id] = context
            return state.isStopped
        }
        defer { state.withLock { _ = $0.contexts.removeValue(forKey: id) } }
        if isStopped { context.cancel() }
        return try body(context)
    }

    /// Cancels all queries, and those to come.
    func stop() {
        let contexts = state.withLock { state in
            state.isStopped = true
            return Array(state.contexts.values)
        }
        for context in contexts { context.cancel() }
    }
}
