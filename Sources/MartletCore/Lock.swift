package import Glibc

/// A value behind a mutex.
///
/// It is a pthread mutex at a fixed heap address, which ThreadSanitizer understands. Do not keep references into the
/// value beyond the closure.
package final class Lock<Value>: @unchecked Sendable {
    // Sendable holds because `value` is touched only inside `withLock`, between pthread's lock and unlock.
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline var value: Value

    package init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deinitialize(count: 1)
        mutex.deallocate()
    }

    /// Runs `body` alone. Not reentrant: calling it again from `body` deadlocks.
    @inlinable
    @discardableResult
    package func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
