import Synchronization

/// A process-wide account of bytes, shared by ingest, queries and caches.
package final class MemoryBudget: Sendable {
    /// Bytes that may be reserved in all.
    package let limit: Int
    private let reserved = Atomic<Int>(0)

    package init(limitBytes: Int) {
        limit = max(0, limitBytes)
    }

    /// Bytes reserved now.
    package var used: Int { reserved.load(ordering: .relaxed) }

    /// Bytes that may still be reserved.
    package var headroom: Int { max(0, limit - used) }

    /// Takes `bytes` from the budget; false, and nothing taken, when they do not fit.
    package func reserve(_ bytes: Int) -> Bool {
        guard bytes > 0 else { return true }
        var current = reserved.load(ordering: .relaxed)
        while true {
            guard bytes <= limit - current else { return false }
            let (exchanged, original) = reserved.weakCompareExchange(
                expected: current, desired: current + bytes, ordering: .relaxed)
            if exchanged { return true }
            current = original
        }
    }

    /// Takes `bytes` even beyond the limit: for memory that is already in use and must be accounted.
    package func charge(_ bytes: Int) {
        guard bytes > 0 else { return }
        reserved.wrappingAdd(bytes, ordering: .relaxed)
    }

    /// Gives back what was reserved or charged.
    package func release(_ bytes: Int) {
        guard bytes > 0 else { return }
        reserved.wrappingSubtract(bytes, ordering: .relaxed)
    }
}
