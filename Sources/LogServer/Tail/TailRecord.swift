import LogStorage
import MartletCore

/// A record that was stored, with the tenant whose it is. All who follow that tenant have the same one, which takes its bytes
/// from the process' memory until the last of them has read it.
final class TailRecord: Sendable {
    let tenant: String
    let record: LogRecord
    private let budget: MemoryBudget

    /// What tails leave of the process' memory to pushes and queries.
    static func left(of limit: Int) -> Int { limit / 4 }

    /// Nil when memory has no room for it.
    init?(tenant: String, record: LogRecord, budget: MemoryBudget) {
        guard budget.reserve(record.size, leaving: Self.left(of: budget.limit)) else { return nil }
        self.tenant = tenant
        self.record = record
        self.budget = budget
    }

    deinit { budget.release(record.size) }

    /// Its size in bytes.
    var size: Int { record.size }
}
