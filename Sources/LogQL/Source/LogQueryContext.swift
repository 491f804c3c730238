import Glibc
package import MartletCore
import Synchronization

/// What a running query is held to (deadline, cancellation, memory) and what it has read so far.
///
/// The source calls `check` once per batch; within one, a `QueryPace` does where lines are looked at.
package final class LogQueryContext: Sendable {
    /// Bytes of samples and lines the query may hold at once.
    package let memoryLimit: Int
    private let deadline: UInt64
    private let started: UInt64
    private let cancelled = Atomic<Bool>(false)
    private let budget: MemoryBudget?
    private let heldBytes = Atomic<Int>(0)
    private let reservedBytes = Atomic<Int>(0)
    /// The budget is asked for so much at a time, not for every line.
    private static let reservation = 1 << 20
    private let readLines = Atomic<Int>(0)
    private let readBytes = Atomic<Int>(0)
    private let keptLines = Atomic<Int>(0)

    /// The clock starts now. `timeoutSeconds` of 0 or less means no deadline. What the query holds is taken from `budget`
    /// until the context goes.
    package init(timeoutSeconds: Double = 60, memoryLimit: Int = 512 << 20, budget: MemoryBudget? = nil) {
        self.memoryLimit = memoryLimit
        self.budget = budget
        started = LogQueryContext.now()
        deadline = timeoutSeconds > 0 ? started + UInt64(timeoutSeconds * 1e9) : .max
    }

    /// Stops the query at its next check. From any thread.
    package func cancel() { cancelled.store(true, ordering: .relaxed) }

    /// Throws when the query was cancelled or its time is over.
    package func check() throws(LogQueryError) {
        if cancelled.load(ordering: .relaxed) {
            throw LogQueryError(.canceled, "the request was cancelled by the client")
        }
        if LogQueryContext.now() > deadline {
            throw LogQueryError(
                .timeout, "request timed out, decrease the duration of the request or add more label matchers")
        }
    }

    deinit {
        budget?.release(reservedBytes.load(ordering: .relaxed))
    }

    /// Accounts for memory that the query now holds.
    package func hold(_ bytes: Int) throws(LogQueryError) {
        let held = heldBytes.wrappingAdd(bytes, ordering: .relaxed).newValue
        guard held <= memoryLimit else {
            throw LogQueryError(
                .limit,
                "the query needs more than \(memoryLimit >> 20) MiB of memory; narrow its time range or its selector")
        }
        let missing = held - reservedBytes.load(ordering: .relaxed)
        guard missing > 0, let budget else { return }
        let more = max(missing, Self.reservation)
        guard budget.reserve(more) else {
            throw LogQueryError(
                .limit,
                "the server's memory limit of \(budget.limit >> 20) MiB is reached; try again later, narrow the query, "
                    + "or raise --memory.limit")
        }
        reservedBytes.wrappingAdd(more, ordering: .relaxed)
    }

    /// Accounts for memory that the query holds no more.
    package func release(_ bytes: Int) { heldBytes.wrappingSubtract(bytes, ordering: .relaxed) }

    /// Notes lines and bytes that were looked at.
    package func read(lines: Int, bytes: Int) {
        readLines.wrappingAdd(lines, ordering: .relaxed)
        readBytes.wrappingAdd(bytes, ordering: .relaxed)
    }

    /// Notes lines that passed the line filters.
    package func kept(lines: Int) { keptLines.wrappingAdd(lines, ordering: .relaxed) }

    /// Lines looked at so far.
    package var totalLines: Int { readLines.load(ordering: .relaxed) }
    /// Bytes of lines looked at so far.
    package var totalBytes: Int { readBytes.load(ordering: .relaxed) }
    /// Lines that passed so far.
    package var totalKept: Int { keptLines.load(ordering: .relaxed) }
    /// Seconds since the query began.
    package var elapsedSeconds: Double { Double(LogQueryContext.now() - started) / 1e9 }

    /// The wall clock.
    static func unixNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
