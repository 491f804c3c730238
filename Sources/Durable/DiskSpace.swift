/// Room on the disk that holds a path.
package struct DiskSpace: Sendable, Hashable {
    /// Size of the file system.
    package let totalBytes: UInt64
    /// Bytes that an unprivileged process may still write.
    package let availableBytes: UInt64

    /// A reading as the system reports it.
    package init(totalBytes: UInt64, availableBytes: UInt64) {
        self.totalBytes = totalBytes
        self.availableBytes = availableBytes
    }
}
