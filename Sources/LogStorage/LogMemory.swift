import MartletCore

/// The memory that all tenants' lines may take together, shared fairly: when it is full, the tenant that holds most gives
/// its oldest lines, whoever asks. So no tenant can push out the lines of another that holds less than it does.
final class LogMemory: Sendable {
    private struct Holder {
        weak var logs: TenantLogs?
    }

    /// Bytes that lines may take.
    let budget: MemoryBudget
    /// The process' account, of which `budget` is a part.
    private let process: MemoryBudget
    private let holders: Lock<[Holder]> = Lock([])
    /// One at a time makes room: two that do so at once would drop twice what is needed.
    private let making = Lock(())

    init(limitBytes: Int, process: MemoryBudget) {
        budget = MemoryBudget(limitBytes: limitBytes)
        self.process = process
    }

    /// Takes part in the sharing until `logs` goes.
    func enrol(_ logs: TenantLogs) {
        holders.withLock { holders in
            holders.removeAll { $0.logs == nil }
            holders.append(Holder(logs: logs))
        }
    }

    /// Notes that lines take more, or fewer, bytes than before.
    func account(_ change: Int) {
        if change < 0 {
            budget.release(-change)
            process.release(-change)
        } else {
            budget.charge(change)
            process.charge(change)
        }
    }

    /// Holds room for lines that are about to be applied, which may cost others their oldest lines. Give it back with
    /// `release` once the lines are accounted for.
    func reserve(_ bytes: Int) throws(LogStorageError) {
        guard bytes <= budget.limit else { throw .memoryFull(limit: budget.limit) }
        while !budget.reserve(bytes) {
            let isFreed = making.withLock { _ in budget.headroom >= bytes || dropOldest() }
            guard isFreed else { throw .memoryFull(limit: budget.limit) }
        }
    }

    /// Gives back what `reserve` took.
    func release(_ bytes: Int) { budget.release(bytes) }

    private func dropOldest() -> Bool {
        let largest = holders.withLock { holders in
            holders.compactMap(\.logs).max { $0.heldBytes < $1.heldBytes }
        }
        guard let largest, largest.heldBytes > 0 else { return false }
        return largest.dropOldest(reason: "all tenants' lines together reach their limit of \(budget.limit) bytes")
    }
}
