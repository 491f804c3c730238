import HTTPTypes
package import MartletCore
import Synchronization

/// Memory that one request holds of the process' budget; given back when the request, and with it the account, ends.
package final class RequestAccount: Sendable {
    private let budget: MemoryBudget
    private let held = Atomic<Int>(0)
    private let left = Atomic<Int>(0)

    /// An account that holds nothing yet.
    package init(_ budget: MemoryBudget) {
        self.budget = budget
    }

    deinit {
        budget.release(held.load(ordering: .relaxed))
    }

    /// Bytes that the whole process may take.
    package var limit: Int { budget.limit }

    /// From now on leaves so many bytes of the budget to requests of other kinds.
    package func leave(_ bytes: Int) { left.store(bytes, ordering: .relaxed) }

    /// Takes bytes from the budget until the request ends.
    /// - Throws: 503 with Retry-After when the budget has no room.
    package func reserve(_ bytes: Int) throws(HTTPFailure) {
        guard tryReserve(bytes) else { throw exhausted }
    }

    /// Takes bytes from the budget until the request ends; false, and nothing taken, when the budget has no room.
    package func tryReserve(_ bytes: Int) -> Bool {
        guard budget.reserve(bytes, leaving: left.load(ordering: .relaxed)) else { return false }
        held.wrappingAdd(max(0, bytes), ordering: .relaxed)
        return true
    }

    /// Gives back early what ``reserve(_:)`` or ``tryReserve(_:)`` took.
    package func release(_ bytes: Int) {
        held.wrappingSubtract(max(0, bytes), ordering: .relaxed)
        budget.release(bytes)
    }

    /// The answer to a request for which the budget has no room.
    package var exhausted: HTTPFailure {
        .retryLater(
            .serviceUnavailable,
            "memory limit of \(ByteSize.format(budget.limit)) reached; raise --memory.limit or send less at a time")
    }
}
