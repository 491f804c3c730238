package import Durable

/// How the log storage keeps what it is given.
package struct LogStorageOptions: Sendable {
    /// When the record log is made to survive power loss.
    package var sync = SyncPolicy.interval(seconds: 1)
    /// How long lines are kept.
    package var retention = LogRetention()
    /// Bytes a tenant's lines may take on disk before its oldest go; 0 for no limit.
    package var retentionBytes: Int64 = 0
    /// Free bytes of the disk below which the oldest lines of all tenants go; 0 for no limit.
    package var minFreeDiskBytes: UInt64 = 0
    /// Bytes of memory all tenants may take for lines before the oldest of the largest are written to disk.
    package var maxMemoryBytes = 1 << 30
    /// Tenants that may have lines at a time; one whose lines are all gone makes place for another.
    package var maxTenants = 1000
    /// Segment files that are held open for reading, of all tenants together; the others are opened when they are read.
    package var maxOpenSegments = 256
    /// Bytes of memory for directories of segment files, of all tenants together; nil for a sixteenth of the process' memory.
    package var maxDirectoryBytes: Int?
    /// Raw bytes of lines after which a stream's head is sealed into a compressed block.
    package var blockBytes = 512 << 10
    /// A generation (what goes at once when it is the oldest) ends after this many raw bytes…
    package var generationBytes = 64 << 20
    /// …or this many seconds.
    package var generationSeconds: Int64 = 300
    /// How log records are compressed.
    package var compression = RecordCompression.snappy

    /// The defaults.
    package init() {}
}
