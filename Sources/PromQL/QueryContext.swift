import Glibc
package import MartletCore
import Synchronization

/// What a running query is held to: its deadline, its sample limit, the memory that is left for it, and whether someone
/// cancelled it.
///
/// Engine and storage call `check` once per series or block, never per sample.
package final class QueryContext: Sendable {
    /// Samples that may be in memory at once.
    package let maxSamples: Int
    /// Where what the query looks at is counted; nil when nobody asks.
    package let statistics: QueryStatistics?
    private let timeoutSeconds: Double
    private let deadline: UInt64
    private let cancelled = Atomic<Bool>(false)
    private let liveSamples = Atomic<Int>(0)
    private let peak = Atomic<Int>(0)
    private let memory: MemoryBudget?
    private let bytes = Lock(Bytes())
    private let notes = Lock<[String]>([])

    /// Memory that the query holds, and what it has taken from the budget for that.
    private struct Bytes {
        var held = 0
        var reserved = 0
    }

    /// The least that is taken from the budget at a time.
    private static let reservation = 1 << 20

    /// The clock starts now. `timeoutSeconds` of 0 or less means no deadline. What the query holds is taken from `memory`,
    /// which it shares with other queries and with ingest, until the context goes.
    package init(
        maxSamples: Int = 50_000_000, timeoutSeconds: Double = 120, memory: MemoryBudget? = nil,
        statistics: QueryStatistics? = nil
    ) {
        self.maxSamples = maxSamples
        self.statistics = statistics
        self.memory = memory
        self.timeoutSeconds = timeoutSeconds
        deadline = timeoutSeconds > 0 ? QueryContext.now() + UInt64(timeoutSeconds * 1e9) : .max
    }

    deinit {
        memory?.release(bytes.withLock { $0.reserved })
    }

    /// Says that a source could not give all that it should have, without ending the query.
    package func warn(_ text: String) { notes.withLock { if !$0.contains(text) { $0.append(text) } } }

    /// What sources have said, without duplicates.
    package var warnings: [String] { notes.withLock { $0 } }

    /// Stops the query at its next check. From any thread.
    package func cancel() { cancelled.store(true, ordering: .relaxed) }

    /// Throws when the query was cancelled or its time is over.
    package func check() throws(QueryError) {
        if cancelled.load(ordering: .relaxed) {
            throw QueryError(.canceled, "query was canceled in expression evaluation")
        }
        if QueryContext.now() > deadline {
            throw QueryError(.timeout, "query timed out in expression evaluation")
        }
    }

    /// Whether `check` would throw, for loops that cannot.
    package var isOver: Bool { cancelled.load(ordering: .relaxed) || QueryContext.now() > deadline }

    /// Accounts for samples that the query now holds, in 8 bytes each unless `bytes` says otherwise.
    package func hold(samples: Int, bytes: Int? = nil) throws(QueryError) {
        try hold(bytes: bytes ?? samples * 8)
        let held = liveSamples.wrappingAdd(samples, ordering: .relaxed).newValue
        if held > peak.load(ordering: .relaxed) { peak.store(held, ordering: .relaxed) }
        if held > maxSamples {
            throw QueryError(
                .execution, "query processing would load too many samples into memory in query execution")
        }
    }

    /// Accounts for memory that the query is about to take for other things than samples.
    package func hold(bytes count: Int) throws(QueryError) {
        guard let memory else { return }
        let fits = bytes.withLock { bytes in
            bytes.held += count
            let missing = bytes.held - bytes.reserved
            guard missing > 0 else { return true }
            let more = max(missing, Self.reservation)
            guard memory.reserve(more) else { return false }
            bytes.reserved += more
            return true
        }
        if !fits {
            throw QueryError(
                .execution,
                "query processing would take more memory than the \(memory.limit) bytes for queries and ingest together "
                    + "have left: raise --memory.limit, or ask for less at a time")
        }
    }

    /// Accounts for samples that the query let go.
    package func release(samples: Int) {
        liveSamples.wrappingSubtract(samples, ordering: .relaxed)
        release(bytes: samples * 8)
    }

    /// What a query holds at some moment.
    package struct Holding: Sendable {
        fileprivate var samples: Int
        fileprivate var bytes: Int

        /// What came on top of another.
        package static func - (left: Holding, right: Holding) -> Holding {
            Holding(samples: left.samples - right.samples, bytes: left.bytes - right.bytes)
        }
    }

    /// What the query holds now.
    package var holding: Holding {
        Holding(samples: liveSamples.load(ordering: .relaxed), bytes: bytes.withLock { $0.held })
    }

    /// Accounts for all that was held between two moments and is let go now.
    package func release(_ holding: Holding) {
        liveSamples.wrappingSubtract(holding.samples, ordering: .relaxed)
        release(bytes: holding.bytes)
    }

    /// Accounts for memory that the query let go; what the budget gave for it is kept for what comes.
    package func release(bytes count: Int) {
        if memory != nil { bytes.withLock { $0.held -= count } }
    }

    /// The most samples that were held at once.
    package var peakSamples: Int { peak.load(ordering: .relaxed) }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
