import MartletCore

/// Work that several want at the same moment is done once.
///
/// All who wait for a key get the same result, which is not kept afterwards. The work is cancelled when the last of them has
/// left; one who leaves before is kept until the others have what they wait for.
package final class SharedWork<Key: Hashable & Sendable, Result: Sendable>: Sendable {
    private struct Running {
        let id: Int
        let task: Task<Result, Never>
        /// Those who have not left before the end.
        var waiting: Int
    }

    private struct State {
        var running: [Key: Running] = [:]
        var count = 0
    }

    private let state = Lock(State())

    package init() {}

    /// How many wait for a key.
    package func waiting(for key: Key) -> Int {
        state.withLock { $0.running[key]?.waiting ?? 0 }
    }

    /// The result of work that runs already, or else of `work`. Cancelling the caller cancels the work when nobody else waits.
    package func result(for key: Key, _ work: @escaping @Sendable () async -> Result) async -> Result {
        let mine = state.withLock { state in
            if var present = state.running[key] {
                present.waiting += 1
                state.running[key] = present
                return present
            }
            state.count += 1
            let id = state.count
            let task = Task { [self] in
                let result = await work()
                forget(key, id)
                return result
            }
            let made = Running(id: id, task: task, waiting: 1)
            state.running[key] = made
            return made
        }
        return await withTaskCancellationHandler {
            await mine.task.value
        } onCancel: {
            leave(key, mine)
        }
    }

    private func forget(_ key: Key, _ id: Int) {
        state.withLock { state in
            if state.running[key]?.id == id { state.running[key] = nil }
        }
    }

    private func leave(_ key: Key, _ left: Running) {
        let isLast = state.withLock { state in
            // Not there any more when it has ended.
            guard var present = state.running[key], present.id == left.id else { return false }
            present.waiting -= 1
            state.running[key] = present.waiting == 0 ? nil : present
            return present.waiting == 0
        }
        if isLast { left.task.cancel() }
    }
}
