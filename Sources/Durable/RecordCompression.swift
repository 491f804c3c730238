/// How records are compressed in a log, one by one, as Prometheus' WAL does.
package enum RecordCompression: UInt8, Sendable, Hashable {
    /// Stored as they are.
    case none = 0
    /// Snappy block format: flag 0x08 in the fragment type.
    case snappy = 0x08
    /// Zstandard frames: flag 0x10 in the fragment type.
    case zstd = 0x10
}
