/// What `FileSystem.status` tells about a path.
package struct FileStatus: Sendable, Hashable {
    /// Bytes of content.
    package let size: Int64
    /// Whether the path is a directory.
    package let isDirectory: Bool
    /// Last change of the content, nanoseconds since the epoch.
    package let modifiedNanoseconds: Int64

    /// A status as a file system reports it.
    package init(size: Int64, isDirectory: Bool, modifiedNanoseconds: Int64) {
        self.size = size
        self.isDirectory = isDirectory
        self.modifiedNanoseconds = modifiedNanoseconds
    }
}
