import Synchronization

/// A process-wide account of bytes, shared by ingest, queries and caches.
///
/// Those who use it count what they hold. What nobody counts (the program itself, the allocator's gaps and free lists) comes
/// in through ``observe(resident:)``, so that the limit is one for the process.
package final class MemoryBudget: Sendable {
    /// Bytes that may be reserved in all.
    package let limit: Int
    private let reserved = Atomic<Int>(0)
    private let uncounted = Atomic<Int>(0)

    package init(limitBytes: Int) {
        limit = max(0, limitBytes)
    }

    /// Bytes reserved now, and those that nobody counts.
    package var used: Int { reserved.load(ordering: .relaxed) + uncounted.load(ordering: .relaxed) }

    /// Bytes that may still be reserved.
    package var headroom: Int { max(0, limit - used) }

    /// Takes `bytes` from the budget; false, and nothing taken, when they do not fit beside `rest` bytes for others.
    package func reserve(_ bytes: Int, leaving rest: Int = 0) -> Bool {
        guard bytes > 0 else { return true }
        let available = limit - rest - uncounted.load(ordering: .relaxed)
        var current = reserved.load(ordering: .relaxed)
        while true {
            guard bytes <= available - current else { return false }
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

    /// Says how many bytes the process really has in memory: what they exceed the reserved ones by is in use as well. At most
    /// half of the limit, so that a small one leaves something to work with.
    package func observe(resident: Int) {
        let counted = reserved.load(ordering: .relaxed)
        uncounted.store(min(max(0, resident - counted), limit / 2), ordering: .relaxed)
    }

    /// Bytes in use that nobody reserved, as last observed.
    package var unreserved: Int { uncounted.load(ordering: .relaxed) }

    /// Gives back what was reserved or charged.
    package func release(_ bytes: Int) {
        guard bytes > 0 else { return }
        reserved.wrappingSubtract(bytes, ordering: .relaxed)
    }
}
