import Glibc
import MartletCore

/// A thread of its own for a source that blocks, or that must stay on one thread as the journal must.
final class SourceThread: Sendable {
    private struct State {
        var stopping = false
        var ended = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Lock(State())
    private let body: @Sendable (SourceThread) -> Void

    /// Starts the thread, which runs `body` once; nil when the system gives no thread. `body` looks at ``isStopping``.
    static func start(_ body: @escaping @Sendable (SourceThread) -> Void) -> SourceThread? {
        let thread = SourceThread(body)
        var handle = pthread_t()
        let context = Unmanaged.passRetained(thread).toOpaque()
        guard pthread_create(&handle, nil, runSourceThread, context) == 0 else {
            Unmanaged<SourceThread>.fromOpaque(context).release()
            return nil
        }
        pthread_detach(handle)
        return thread
    }

    private init(_ body: @escaping @Sendable (SourceThread) -> Void) { self.body = body }

    /// True once ``stop()`` was called.
    var isStopping: Bool { state.withLock { $0.stopping } }

    /// Sleeps on the thread itself, in pieces short enough to notice a stop.
    func pause(milliseconds: Int64) {
        var left = milliseconds
        while left > 0, !isStopping {
            let piece = min(left, 250)
            usleep(useconds_t(piece * 1000))
            left -= piece
        }
    }

    /// Asks the thread to end and returns when it has.
    func stop() async {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state in
                state.stopping = true
                if !state.ended { state.waiters.append(continuation) }
                return state.ended
            }
            if ended { continuation.resume() }
        }
    }

    fileprivate func run() {
        body(self)
        let waiters = state.withLock { state in
            state.ended = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// A free function, because a closure literal passed to C may inherit an actor's isolation.
private func runSourceThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<SourceThread>.fromOpaque(context).takeRetainedValue().run() }
    return nil
}
