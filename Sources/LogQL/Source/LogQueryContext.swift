import Glibc
import Synchronization

/// What a running query is held to (deadline, cancellation, memory) and what it has read so far.
///
/// Engine and source call `check` once per batch, never per line.
package final class LogQueryContext: Sendable {
    /// Bytes of samples and lines the query may hold at once.
    package let memoryLimit: Int
    private let deadline: UInt64
    private let started: UInt64
    private let cancelled = Atomic<Bool>(false)
    private let heldBytes = Atomic<Int>(0)
    private let readLines = Atomic<Int>(0)
    private let readBytes = Atomic<Int>(0)
    private let keptLines = Atomic<Int>(0)

    /// The clock starts now. `timeoutSeconds` of 0 or less means no deadline.
    package init(timeoutSeconds: Double = 60, memoryLimit: Int = 512 << 20) {
        self.memoryLimit = memoryLimit
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

    /// Accounts for memory that the query now holds.
    package func hold(_ bytes: Int) throws(LogQueryError) {
        guard heldBytes.wrappingAdd(bytes, ordering: .relaxed).newValue <= memoryLimit else {
            throw LogQueryError(
                .limit,
                "the query needs more than \(memoryLimit >> 20) MiB of memory; narrow its time range or its selector")
        }
    }

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

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
