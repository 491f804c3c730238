import Synchronization

/// Ends a query from another thread, when nobody waits for its answer any more: it throws `CancellationError` soon after.
package final class QueryCancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    /// For one query, which may go on.
    package init() {}

    /// Ends the query.
    package func cancel() { flag.store(true, ordering: .relaxed) }

    /// Throws when the query is to end; cheap enough for every trace.
    package func check() throws(CancellationError) {
        if flag.load(ordering: .relaxed) { throw CancellationError() }
    }
}
