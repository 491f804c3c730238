import MartletCore

/// The memory that all tenants' lines may take together, shared fairly: when it is full, the tenant that holds most writes
/// its oldest lines to disk, whoever asks.
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

    /// Holds room for lines that are about to be applied, which may take the writing of others. Give it back with
    /// `release` once the lines are accounted for.
    func reserve(_ bytes: Int) throws(LogStorageError) {
        guard bytes <= budget.limit else { throw .memoryFull(limit: budget.limit) }
        while !budget.reserve(bytes) {
            let isFreed = making.withLock { _ in budget.headroom >= bytes || free() }
            guard isFreed else { throw .memoryFull(limit: budget.limit) }
        }
    }

    /// Makes room for lines that are replayed, as far as there is any to be made: what was acknowledged is kept also when
    /// memory is smaller than it was.
    func makeRoom(for bytes: Int) {
        making.withLock { _ in
            while budget.headroom < bytes, free() {}
        }
    }

    /// Gives back what `reserve` took.
    func release(_ bytes: Int) { budget.release(bytes) }

    private func free() -> Bool {
        let all = holders.withLock { $0.compactMap(\.logs) }
        return all.map { ($0.heldBytes, $0) }.filter { $0.0 > 0 }.sorted { $0.0 > $1.0 }.contains { $0.1.freeMemory() }
    }
}
