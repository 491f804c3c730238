/// The operations on files that the stores use. `DiskFileSystem` is the real one; `RecordingFileSystem` also
/// remembers every operation so that a test can rebuild what a power loss may leave behind.
///
/// Paths are absolute or relative to the process; nothing is expanded. All calls block: keep them off event loops.
package protocol FileSystem: Sendable {
    /// Opens or creates a file. The file closes when the last reference to it goes.
    func open(_ path: String, _ mode: OpenMode) throws(DurableError) -> any File
    /// Creates a directory; an existing directory is no error. The parent must exist.
    func makeDirectory(_ path: String) throws(DurableError)
    /// The names in a directory without `.` and `..`, sorted bytewise.
    func list(_ path: String) throws(DurableError) -> [String]
    /// Size and kind of a path.
    func status(_ path: String) throws(DurableError) -> FileStatus
    /// Renames within one file system, replacing what `destination` names. Durable after `syncDirectory`.
    func rename(_ source: String, to destination: String) throws(DurableError)
    /// Makes a second name for a file. Durable after `syncDirectory`.
    func link(_ source: String, to destination: String) throws(DurableError)
    /// Removes a file's name.
    func unlink(_ path: String) throws(DurableError)
    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(DurableError)
    /// Makes the names in a directory survive power loss.
    func syncDirectory(_ path: String) throws(DurableError)
    /// Maps a whole file for reading. Later writes to the file within its length are visible through the map.
    func map(_ path: String) throws(DurableError) -> MappedFile
    /// Total and free bytes of the disk that holds `path`.
    func space(_ path: String) throws(DurableError) -> DiskSpace
}

extension FileSystem {
    /// The whole content of a file that is known to be small; more than `limit` bytes is `.tooLarge`.
    package func read(_ path: String, limit: Int) throws(DurableError) -> [UInt8] {
        let file = try open(path, .read)
        let size = try file.size()
        guard size <= Int64(limit) else {
            throw DurableError(
                .tooLarge, path: path, operation: "read", message: "\(size) bytes exceed the limit of \(limit)")
        }
        return try file.read(count: Int(size), at: 0)
    }

    /// Whether the path names something.
    package func exists(_ path: String) throws(DurableError) -> Bool {
        do {
            _ = try status(path)
            return true
        } catch  where error.code == .notFound {
            return false
        }
    }

    /// Whether the path names a directory; false when it names nothing, which may have gone since it was listed.
    package func isDirectory(_ path: String) throws(DurableError) -> Bool {
        do {
            return try status(path).isDirectory
        } catch  where error.code == .notFound {
            return false
        }
    }

    /// Creates a directory and those above it that are missing, and makes each new name durable.
    package func makeDirectories(_ path: String) throws(DurableError) {
        guard !path.isEmpty, try !exists(path) else { return }
        let parent = FilePath.parent(of: path)
        if parent != path { try makeDirectories(parent) }
        try makeDirectory(path)
        try syncDirectory(parent)
    }

    /// Removes a file, or a directory with all that is in it. A missing path is no error; of a symbolic link only the link goes.
    package func removeTree(_ path: String) throws(DurableError) {
        do throws(DurableError) {
            return try unlink(path)
        } catch {
            if error.code == .notFound { return }
            guard (try? status(path).isDirectory) == true else { throw error }
        }
        for name in try list(path) { try removeTree(FilePath.join(path, name)) }
        try removeDirectory(path)
    }
}
