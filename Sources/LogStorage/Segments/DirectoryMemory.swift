import MartletCore
import Synchronization

/// The memory that directories of segment files take: those that were not used for the longest time go first.
final class DirectoryMemory: Sendable {
    private struct Entry {
        weak var directory: SegmentDirectory?
        let bytes: Int
        var lastUse: Int
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var uses = 0
        var bytes = 0
    }

    private let budget: MemoryBudget
    private let limit: Int
    private let state = Lock(State())
    private let readCount = Atomic<Int>(0)

    /// - Parameter budget: the process' memory, of which directories take a sixteenth at most, or `limit` bytes.
    init(budget: MemoryBudget, limit: Int?) {
        self.budget = budget
        self.limit = limit ?? max(1 << 20, budget.limit / 16)
    }

    deinit { state.withLock { budget.release($0.bytes) } }

    /// Directories that were read from their files since they had to leave memory.
    var reads: Int { readCount.load(ordering: .relaxed) }

    func noteRead() { readCount.wrappingAdd(1, ordering: .relaxed) }

    /// Notes that a directory has come into memory, and has others leave it where there is too little.
    func keep(_ directory: SegmentDirectory, bytes: Int) {
        let id = ObjectIdentifier(directory)
        let leaving = state.withLock { state -> [SegmentDirectory] in
            guard state.entries[id] == nil else { return [] }
            state.uses += 1
            state.entries[id] = Entry(directory: directory, bytes: bytes, lastUse: state.uses)
            state.bytes += bytes
            budget.charge(bytes)
            guard state.bytes > limit else { return [] }
            // Some more than must go: the next ones need not sort again.
            var leaving: [SegmentDirectory] = []
            for (id, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
                if state.bytes <= limit - limit / 8 { break }
                state.entries[id] = nil
                state.bytes -= entry.bytes
                budget.release(entry.bytes)
                if let directory = entry.directory { leaving.append(directory) }
            }
            return leaving
        }
        for directory in leaving { directory.unload() }
    }

    func use(_ id: ObjectIdentifier) {
        state.withLock { state in
            state.uses += 1
            state.entries[id]?.lastUse = state.uses
        }
    }

    func forget(_ id: ObjectIdentifier) {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: id) else { return }
            state.bytes -= entry.bytes
            budget.release(entry.bytes)
        }
    }
}
