import MartletCore

/// Whether the server may get traffic: it has started, and every gate is open.
package final class Readiness: Sendable {
    /// Something that must happen before the server is ready, such as the replay of a log.
    package struct Gate: Sendable {
        let readiness: Readiness
        let id: Int

        /// The thing has happened.
        package func open() {
            readiness.open(id)
        }
    }

    private struct State {
        var started = false
        var stopping = false
        var closed: [Int: String] = [:]
        var next = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Lock(State())

    init() {}

    /// Closes one more gate.
    /// - Parameter reason: what is waited for; shown by `/-/ready` until the gate opens.
    package func gate(_ reason: String) -> Gate {
        let id = state.withLock { state in
            state.next += 1
            state.closed[state.next] = reason
            return state.next
        }
        return Gate(readiness: self, id: id)
    }

    /// True when traffic is welcome.
    package var isReady: Bool { pending == nil }

    /// What is waited for; nil when ready.
    package var pending: String? {
        state.withLock { state in
            if state.stopping { return "stopping" }
            if !state.started { return "starting" }
            guard let first = state.closed.min(by: { $0.key < $1.key }) else { return nil }
            return first.value
        }
    }

    /// Returns once the server is ready, or stopping.
    func wait() async {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state in
                if (state.started && state.closed.isEmpty) || state.stopping { return true }
                state.waiters.append(continuation)
                return false
            }
            if now { continuation.resume() }
        }
    }

    func start() { change { $0.started = true } }
    func stop() { change { $0.stopping = true } }
    private func open(_ id: Int) { change { $0.closed[id] = nil } }

    private func change(_ body: (inout State) -> Void) {
        let released = state.withLock { state in
            body(&state)
            guard (state.started && state.closed.isEmpty) || state.stopping else {
                return [CheckedContinuation<Void, Never>]()
            }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in released { waiter.resume() }
    }
}
