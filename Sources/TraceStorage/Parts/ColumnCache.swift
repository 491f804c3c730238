package import MartletCore
import TraceQL

/// What was decoded of row groups, so that queries that follow need not decode it again. The least recently used goes first.
package final class ColumnCache: Sendable {
    /// What of a row group an entry is.
    enum Item: Hashable, Sendable {
        case directory
        case integers(PartColumn)
        case strings(PartColumn)
        case shapes(AttributeScopeTable)
        case slot(AttributeScopeTable, Int)
        case firstRows
        case traceBounds
        case contexts
        case traceNumbers
        case startTimes
        case spanIDs
        case parentIDs
        case durations
        case operand(Operand)
    }

    struct Key: Hashable, Sendable {
        /// The file's serial number.
        let file: UInt64
        let group: Int
        let item: Item
    }

    private struct Entry {
        let value: any Sendable
        let memory: Int
        var used: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var memory = 0
        var clock: UInt64 = 0
    }

    /// How many row groups of its files queries had to read.
    package let reads = GroupReads()
    private let limit: Int
    private let budget: MemoryBudget
    private let state = Lock(State())

    /// Holds at most `limit` bytes, which are charged to the budget.
    package init(limit: Int, budget: MemoryBudget) {
        self.limit = limit
        self.budget = budget
    }

    deinit {
        budget.release(state.withLock { $0.memory })
    }

    /// The value under a key; nil when it is not there.
    func existing<Value: Sendable>(_ key: Key, as type: Value.Type) -> Value? {
        state.withLock { state -> Value? in
            state.clock += 1
            guard let place = state.entries.index(forKey: key) else { return nil }
            state.entries.values[place].used = state.clock
            return state.entries.values[place].value as? Value
        }
    }

    /// The value under a key; made and kept when it is not there.
    func value<Value: Sendable, E: Error>(
        _ key: Key, memory: (Value) -> Int, _ make: () throws(E) -> Value
    ) throws(E) -> Value {
        if let known = existing(key, as: Value.self) { return known }
        let made = try make()
        insert(key, made, memory: memory(made) + 128)
        return made
    }

    private func insert(_ key: Key, _ value: any Sendable, memory: Int) {
        guard memory <= limit / 4 else { return }
        let change = state.withLock { state -> Int in
            let before = state.memory
            if let old = state.entries[key] { state.memory -= old.memory }
            state.entries[key] = Entry(value: value, memory: memory, used: state.clock)
            state.memory += memory
            if state.memory > limit { Self.evict(&state, downTo: limit - limit / 4) }
            return state.memory - before
        }
        if change > 0 { budget.charge(change) } else { budget.release(-change) }
    }

    private static func evict(_ state: inout State, downTo target: Int) {
        for (key, entry) in state.entries.sorted(by: { $0.value.used < $1.value.used }) {
            if state.memory <= target { return }
            state.entries[key] = nil
            state.memory -= entry.memory
        }
    }

    /// Forgets everything of a file that is going away.
    func forget(_ file: PartFile) {
        let freed = state.withLock { state -> Int in
            let before = state.memory
            for (key, entry) in state.entries where key.file == file.serial {
                state.entries[key] = nil
                state.memory -= entry.memory
            }
            return before - state.memory
        }
        budget.release(freed)
    }
}
