package import Durable

#if canImport(Glibc)
import Glibc
#endif

/// A file as it lies on this machine.
package struct FoundFile: Sendable, Hashable {
    /// Slash-separated, below the directory that was walked.
    package let path: String
    let size: Int64
    let mode: UInt32
    /// Nanoseconds since 1970.
    let modifiedNs: Int64
    let inode: UInt64
    let device: UInt64

    /// All files and directories below a directory, by path. Links to files count as the files where
    /// `followsLinks` says so; other links, sockets and the like are left out, and so is what goes meanwhile. Blocks.
    package static func all(
        in directory: String, followsLinks: Bool
    ) throws(DurableError) -> (files: [FoundFile], directories: [StoredDirectory]) {
        var (files, directories): ([FoundFile], [StoredDirectory]) = ([], [])
        try walk(directory, below: "", followsLinks, &files, &directories)
        return (files.sorted { $0.path < $1.path }, directories.sorted { $0.path < $1.path })
    }

    private static func walk(
        _ directory: String, below prefix: String, _ followsLinks: Bool, _ files: inout [FoundFile],
        _ directories: inout [StoredDirectory]
    ) throws(DurableError) {
        for name in try DiskFileSystem().list(directory) {
            let full = FilePath.join(directory, name)
            let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
            var info = stat()
            guard lstat(full, &info) == 0 else {
                if errno == ENOENT { continue }
                throw DurableError(errno: errno, path: full, operation: "stat")
            }
            if info.st_mode & S_IFMT == S_IFDIR {
                directories.append(StoredDirectory(path: path, mode: info.st_mode & 0o777))
                try walk(full, below: path, followsLinks, &files, &directories)
                continue
            }
            if info.st_mode & S_IFMT == S_IFLNK, !followsLinks { continue }
            guard stat(full, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { continue }
            files.append(FoundFile(path: path, info))
        }
    }

    private init(path: String, _ info: stat) {
        self.path = path
        size = Int64(info.st_size)
        mode = info.st_mode & 0o777
        modifiedNs = Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec)
        inode = UInt64(info.st_ino)
        device = UInt64(info.st_dev)
    }
}
