import Synchronization

/// A count with an upper bound.
final class PendingCount: Sendable {
    private let count = Atomic<Int>(0)

    /// Counts one more unless `limit` are counted already.
    func enter(limit: Int) -> Bool {
        if count.wrappingAdd(1, ordering: .relaxed).newValue <= limit { return true }
        leave()
        return false
    }

    /// Counts one less.
    func leave() {
        count.wrappingSubtract(1, ordering: .relaxed)
    }

    var value: Int { count.load(ordering: .relaxed) }
}
