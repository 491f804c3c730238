/// Lets many threads share one `fdatasync`: the first that waits becomes the leader and syncs for all who wrote
/// before it started; those who come meanwhile wait for the next round.
final class SyncGroup: Sendable {
    private struct State {
        var synced: UInt64 = 0
        var leading = false
        var failure: DurableError?
    }

    private let state = Monitor(State())

    /// Returns when everything written up to `mark` is synced. `sync` syncs the file and returns the mark up to which
    /// that covers what was written. A failed sync is final: the kernel may have dropped the pages, so that a second
    /// sync that succeeds would prove nothing.
    func wait(until mark: UInt64, sync: () throws(DurableError) -> UInt64) throws(DurableError) {
        while true {
            let leads = state.wait { (state: inout State) -> Bool? in
                if state.failure != nil || state.synced >= mark { return false }
                if state.leading { return nil }
                state.leading = true
                return true
            }
            guard leads else { break }
            lead(sync)
        }
        if let failure = state.withLock({ $0.synced >= mark ? nil : $0.failure }) { throw failure }
    }

    /// Notes that everything up to `mark` was synced by other means.
    func advance(to mark: UInt64) {
        state.withLock { $0.synced = max($0.synced, mark) }
        state.wakeAll()
    }

    /// Notes that a sync by other means has failed: final, as a failed round is.
    func fail(_ error: DurableError) {
        state.withLock { if $0.failure == nil { $0.failure = error } }
        state.wakeAll()
    }

    private func lead(_ sync: () throws(DurableError) -> UInt64) {
        var reached: UInt64 = 0
        var failure: DurableError?
        do throws(DurableError) {
            reached = try sync()
        } catch {
            failure = error
        }
        state.withLock { state in
            state.leading = false
            state.synced = max(state.synced, reached)
            if state.failure == nil { state.failure = failure }
        }
        state.wakeAll()
    }
}
