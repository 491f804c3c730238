/// Publishes whole files: a reader sees the old content or the new, never a part, also after power loss.
package enum AtomicFile {
    /// The suffix of a file that is not yet published; left-overs may be removed at start.
    package static let temporarySuffix = ".tmp"

    /// Writes `path.tmp`, syncs it, renames it to `path` and syncs the directory. On failure `path` keeps its old
    /// content and the temporary file is removed.
    package static func publish(
        _ path: String, _ bytes: [UInt8], on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(DurableError) {
        let temporary = path + temporarySuffix
        do throws(DurableError) {
            let file = try fileSystem.open(temporary, .truncate)
            try file.write(bytes, at: 0)
            try file.sync()
            try fileSystem.rename(temporary, to: path)
        } catch {
            // The first failure is the one to report; the left-over is harmless if it cannot be removed.
            try? fileSystem.unlink(temporary)
            throw error
        }
        try fileSystem.syncDirectory(FilePath.parent(of: path))
    }
}
