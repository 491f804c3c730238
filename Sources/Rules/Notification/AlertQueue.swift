import MartletCore

/// Alerts on their way to one Alertmanager. When it is full, the oldest go.
final class AlertQueue: Sendable {
    private struct State {
        var alerts: [AlertNotification] = []
        var isClosed = false
        var dropped = 0
        var sent = 0
        var failed = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let capacity: Int
    private let state = Lock(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    var counts: (length: Int, dropped: Int, sent: Int, failed: Int) {
        state.withLock { ($0.alerts.count, $0.dropped, $0.sent, $0.failed) }
    }

    func add(_ alerts: [AlertNotification]) {
        let waiter = state.withLock { state in
            let all = state.alerts + alerts
            state.dropped += max(0, all.count - capacity)
            state.alerts = Array(all.suffix(capacity))
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Lets `next` end once the queue is empty, or at once, which drops what is in it.
    func close(drains: Bool) {
        let waiter = state.withLock { state in
            state.isClosed = true
            if !drains {
                state.dropped += state.alerts.count
                state.alerts = []
            }
            return state.waiter.take()
        }
        waiter?.resume()
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The oldest alerts, at most `limit`; waits for some, and gives nil when the queue is closed and empty. One at a
    /// time may ask.
    func next(_ limit: Int) async -> [AlertNotification]? {
        while true {
            let (batch, isClosed) = state.withLock { state in
                let batch = Array(state.alerts.prefix(limit))
                state.alerts.removeFirst(batch.count)
                return (batch, state.isClosed)
            }
            if !batch.isEmpty { return batch }
            if isClosed { return nil }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.alerts.isEmpty || state.isClosed { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }

    func noteSent(_ count: Int) { state.withLock { $0.sent += count } }

    /// A batch that could not be sent; it is given up.
    func noteFailed(_ count: Int) {
        state.withLock { state in
            state.failed += count
            state.dropped += count
        }
    }
}
