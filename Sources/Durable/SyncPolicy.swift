/// When written bytes are made to survive power loss. Every policy survives the death of the process.
package enum SyncPolicy: Sendable, Hashable {
    /// Each append returns after an `fdatasync` that covers it; appends that wait at the same time share one.
    case always
    /// A thread syncs after this many seconds when something was written: a power loss costs at most that much.
    case interval(seconds: Double)
    /// Whoever owns the log calls `sync`: one thread can look after many logs.
    case manual
}
