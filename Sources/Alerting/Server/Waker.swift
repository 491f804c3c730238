import MartletCore

/// Lets a loop sleep until a time comes or someone has news.
final class Waker: Sendable {
    private struct State {
        var hasNews = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Lock(State())

    /// Ends the present wait, or the next one when nobody waits.
    func wake() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state.waiter = nil }
            if state.waiter == nil { state.hasNews = true }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns after `seconds`, on news, or when the task is cancelled. One waiter at a time.
    func wait(seconds: Double) async {
        let timer = Task {
            do {
                try await Task.sleep(for: .seconds(seconds))
                wake()
            } catch {
                return  // The wait ended before.
            }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.hasNews || Task.isCancelled {
                        state.hasNews = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
        timer.cancel()
    }
}
