import Synchronization

/// What has come in over HTTP since the start, for the server's own metrics.
final class IngestCounters: Sendable {
    private let appendedCount = Atomic<Int>(0)
    private let rejectedCount = Atomic<Int>(0)
    private let memoryCount = Atomic<Int>(0)

    func add(_ outcome: WriteOutcome) {
        appendedCount.wrappingAdd(outcome.appended, ordering: .relaxed)
        rejectedCount.wrappingAdd(outcome.rejected, ordering: .relaxed)
        memoryCount.wrappingAdd(outcome.refusedForMemory, ordering: .relaxed)
    }

    /// Samples taken.
    var appended: Int { appendedCount.load(ordering: .relaxed) }
    /// Samples refused for good.
    var rejected: Int { rejectedCount.load(ordering: .relaxed) }
    /// Samples refused for want of memory.
    var refusedForMemory: Int { memoryCount.load(ordering: .relaxed) }
}
