import CPlatform

/// What tells that a file has been replaced or rewritten: inode, size and time of change.
struct FileStamp: Equatable, Sendable {
    private let inode: UInt64
    private let size: UInt64
    private let seconds: Int64
    private let nanoseconds: Int64

    /// nil when the file cannot be examined.
    init?(_ path: String) {
        var status = cplatform_file_status()
        guard cplatform_path_status(path, true, &status) else { return nil }
        inode = status.inode
        size = status.size
        seconds = status.modified_seconds
        nanoseconds = status.modified_nanoseconds
    }
}
