import HTTPTypes
import MartletCore
import Synchronization

/// Memory that one request holds of the process' budget; given back when the request ends.
package final class RequestAccount: Sendable {
    private let budget: MemoryBudget
    private let held = Atomic<Int>(0)

    init(_ budget: MemoryBudget) {
        self.budget = budget
    }

    deinit {
        budget.release(held.load(ordering: .relaxed))
    }

    /// Takes bytes from the budget until the request ends.
    /// - Throws: 503 with Retry-After when the budget has no room.
    package func reserve(_ bytes: Int) throws(HTTPFailure) {
        guard budget.reserve(bytes) else {
            throw .retryLater(
                .serviceUnavailable,
                "memory limit of \(ByteSize.format(budget.limit)) reached; raise --memory.limit or send less at a time")
        }
        held.wrappingAdd(bytes, ordering: .relaxed)
    }
}
