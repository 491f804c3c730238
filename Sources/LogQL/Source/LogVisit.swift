/// What the reader of batches wants next.
package enum LogVisit: Sendable, Hashable {
    /// The next batch.
    case more
    /// The next batch; entries older (`.backward`) or newer (`.forward`) than this time are not needed any more.
    case moreUntil(Int64)
    /// Nothing.
    case enough
}
