import Glibc
import Synchronization

/// What a running query is held to: its deadline, its sample limit and whether someone cancelled it.
///
/// Engine and storage call `check` once per series or block, never per sample.
package final class QueryContext: Sendable {
    /// Samples that may be in memory at once.
    package let maxSamples: Int
    private let timeoutSeconds: Double
    private let deadline: UInt64
    private let cancelled = Atomic<Bool>(false)
    private let liveSamples = Atomic<Int>(0)
    private let peak = Atomic<Int>(0)

    /// The clock starts now. `timeoutSeconds` of 0 or less means no deadline.
    package init(maxSamples: Int = 50_000_000, timeoutSeconds: Double = 120) {
        self.maxSamples = maxSamples
        self.timeoutSeconds = timeoutSeconds
        deadline = timeoutSeconds > 0 ? QueryContext.now() + UInt64(timeoutSeconds * 1e9) : .max
    }

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

    /// Accounts for samples that the query now holds.
    package func hold(samples: Int) throws(QueryError) {
        let held = liveSamples.wrappingAdd(samples, ordering: .relaxed).newValue
        if held > peak.load(ordering: .relaxed) { peak.store(held, ordering: .relaxed) }
        if held > maxSamples {
            throw QueryError(
                .execution, "query processing would load too many samples into memory in query execution")
        }
    }

    /// Accounts for samples that the query let go.
    package func release(samples: Int) { liveSamples.wrappingSubtract(samples, ordering: .relaxed) }

    /// The most samples that were held at once.
    package var peakSamples: Int { peak.load(ordering: .relaxed) }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
