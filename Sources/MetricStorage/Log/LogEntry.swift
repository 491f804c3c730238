/// What a store's write-ahead log says, entry by entry. Buffers live for the call only.
package enum LogEntry {
    /// A series under its reference: canonical label bytes (see `Labels.bytes`).
    case series(UInt64, UnsafeRawBufferPointer)
    /// A float of a series: milliseconds since the epoch, bits of the value.
    case sample(UInt64, Int64, UInt64)
    /// A native histogram of a series.
    case histogram(UInt64, Int64, StoredHistogram)
    /// An exemplar of a series: milliseconds since the epoch, bits of the value, its own canonical label bytes.
    case exemplar(UInt64, Int64, UInt64, UnsafeRawBufferPointer)
}
