package import MartletCore

/// Memory that one query holds for its answer: a fixed amount at most, and no more than the process' budget gives.
///
/// Belongs to one thread.
package final class QueryMemory {
    /// Others have used up the process' memory: the query may be asked again later.
    package struct BudgetExhausted: Error, CustomStringConvertible {
        let limit: Int

        package var description: String {
            "the server's memory limit of \(limit >> 20) MiB is reached; try again later, ask for fewer series or a shorter "
                + "range, or raise --memory.limit"
        }
    }

    private let limit: Int
    private let budget: MemoryBudget?
    /// Bytes taken, and how many of the budget stand for them.
    private var held = 0
    private var reserved = 0
    private var failure: (any Error)?

    /// The budget is asked for so much at a time.
    private static let reservation = 1 << 20

    /// At most `limit` bytes, which are taken from `budget` while this exists.
    package init(limit: Int = 512 << 20, budget: MemoryBudget? = nil) {
        self.limit = limit
        self.budget = budget
    }

    deinit {
        budget?.release(reserved)
    }

    /// Whether more was asked for than there is: nothing more needs to be computed.
    var isExhausted: Bool { failure != nil }

    /// Takes memory that is about to be used; false when it is not to be had, also from then on.
    @discardableResult
    func take(_ bytes: Int) -> Bool {
        if failure != nil { return false }
        held += bytes
        if held > limit {
            failure = TraceQLError(
                .limit,
                "the query's series take more than \(limit >> 20) MiB; ask for fewer series or steps, or a shorter range"
            )
            return false
        }
        guard cover(held) else {
            failure = BudgetExhausted(limit: budget?.limit ?? 0)
            return false
        }
        return true
    }

    /// Takes what is missing from the budget; false when that has not so much.
    private func cover(_ bytes: Int) -> Bool {
        guard let budget, bytes > reserved else { return true }
        let more = max(bytes - reserved, Self.reservation)
        guard budget.reserve(more) else { return false }
        reserved += more
        return true
    }

    /// Computes something that is let go again and takes at most `bytes`; nil when there is no memory for it, which the
    /// query can do without.
    func briefly<Result>(_ bytes: Int, _ body: () -> Result) -> Result? {
        guard failure == nil, held + bytes <= limit, cover(held + bytes) else { return nil }
        let before = held
        defer { held = before }
        return body()
    }

    /// Throws `TraceQLError` or `BudgetExhausted` when more was asked for than there is.
    func check() throws {
        if let failure { throw failure }
    }

    /// Takes memory for what is made of the answer, or throws as `check` does.
    package func hold(_ bytes: Int) throws {
        take(bytes)
        try check()
    }

    /// Counts from the beginning: what was computed is not used.
    func restart() { held = 0 }
}
