import MartletCore

/// A few C contexts that wait for their next use.
final class ContextPool: Sendable {
    private struct Idle: @unchecked Sendable {
        // Sendable holds because a context is in this list or in one caller's hands, never both.
        var contexts: [OpaquePointer] = []
    }

    private let idle = Lock(Idle())
    /// More than the threads that compress at once would only hold memory.
    private static let most = 8

    func take() -> OpaquePointer? {
        idle.withLock { $0.contexts.popLast() }
    }

    func give(_ context: OpaquePointer, free: (OpaquePointer) -> Void) {
        let kept = idle.withLock { idle -> Bool in
            guard idle.contexts.count < ContextPool.most else { return false }
            idle.contexts.append(context)
            return true
        }
        if !kept { free(context) }
    }
}
