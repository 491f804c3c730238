import Glibc

/// A value behind a mutex that is handed on: who comes back to it at once does not pass those who have waited.
///
/// For values that somebody takes piece after piece. A plain mutex goes to whoever is awake when it is free, as a rule the
/// one that has just given it back. Not reentrant.
final class FairLock<Value>: @unchecked Sendable {
    // Sendable holds because `value` is touched only with `place` locked.
    private let place = FairLock.makeMutex()
    /// Held by the next to come in, from before `place` is free until it has it.
    private let turn = FairLock.makeMutex()
    private var value: Value

    init(_ value: sending Value) { self.value = value }

    deinit {
        for mutex in [place, turn] {
            pthread_mutex_destroy(mutex)
            mutex.deinitialize(count: 1)
            mutex.deallocate()
        }
    }

    private static func makeMutex() -> UnsafeMutablePointer<pthread_mutex_t> {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        return mutex
    }

    /// Runs `body` alone.
    @discardableResult
    func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        pthread_mutex_lock(turn)
        pthread_mutex_lock(place)
        pthread_mutex_unlock(turn)
        defer { pthread_mutex_unlock(place) }
        return try body(&value)
    }
}
