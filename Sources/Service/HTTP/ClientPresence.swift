import MartletCore

/// Whether the client of a connection is still there to take an answer.
///
/// A client that closes its side counts as gone, as it does in most HTTP servers: whoever closes the whole connection
/// looks no different until something is sent to it. Requests that are already answered are not affected, nor is a body
/// that was cut off, which is an error of its own.
final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        var next = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Lock(State())

    /// True from the moment that the client closed its side or the connection broke.
    var isGone: Bool { state.withLock { $0.isGone } }

    /// The client is gone.
    func leave() {
        let waiters = state.withLock { state in
            state.isGone = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns when the client is gone or the task is cancelled.
    func waitUntilGone() async {
        let number = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isGone || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            // Cancelled before the continuation was there, it is seen by the look at `isCancelled` under the same lock.
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
