import Durable
import Service

#if canImport(Glibc)
import Glibc
#endif

/// A directory that a store is restored to. Its files are written beside it first, and take its place when all are there.
package struct RestoreTarget: Sendable {
    static let stagingSuffix = ".restoring"

    let store: StoreName
    /// The data directory, absolute.
    let path: String
    /// What was there goes to a directory beside it.
    let replaces: Bool

    /// A place for a store: `path` is absolute, and what is there may be replaced if `replaces` says so.
    package init(store: StoreName, path: String, replaces: Bool = false) {
        self.store = store
        self.path = path
        self.replaces = replaces
    }

    /// Where the files are written.
    var staging: String { path + Self.stagingSuffix }

    /// Takes the directory, if it is there, for this process; fails when a server has it, or when it holds something that may
    /// not be replaced. Blocks.
    func take(on fileSystem: DiskFileSystem = DiskFileSystem()) throws -> DirectoryLock? {
        guard try fileSystem.exists(path) else { return nil }
        guard try fileSystem.status(path).isDirectory else { throw StartupError("\(path) is no directory") }
        let others = try fileSystem.list(path).filter { $0 != DirectoryLock.fileName }
        let hasLock = try fileSystem.exists(FilePath.join(path, DirectoryLock.fileName))
        let lock = hasLock ? try Self.lock(path) : nil
        guard others.isEmpty || replaces else {
            throw StartupError(
                "\(path) is not empty: with --replace what is there is moved aside, to a directory beside it")
        }
        if try device(of: path) != device(of: FilePath.parent(of: path)) {
            throw StartupError(
                "\(path) is a file system of its own, so that nothing can be moved into its place: restore into a directory "
                    + "on it, and have the server use that")
        }
        return lock
    }

    /// Takes a directory's lock; fails with the cure when somebody has it.
    static func lock(_ path: String) throws -> DirectoryLock {
        do throws(DurableError) {
            return try DirectoryLock(path)
        } catch {
            guard error.code == .locked else { throw error }
            throw StartupError(
                "\(error.path): \(error.message); the data of a running server is never replaced")
        }
    }

    private func device(of path: String) throws(DurableError) -> dev_t {
        var info = stat()
        guard stat(path, &info) == 0 else { throw DurableError(errno: errno, path: path, operation: "stat") }
        return info.st_dev
    }

    /// Begins to write the files: an attempt that was cut off is cleared away.
    func begin(on fileSystem: DiskFileSystem = DiskFileSystem()) throws(DurableError) {
        try fileSystem.removeTree(staging)
        try fileSystem.makeDirectories(staging)
    }

    /// Gives a file that is written the times and permissions that it had, and makes it durable.
    func finish(_ file: StoredFile, _ open: any File) throws(DurableError) {
        try open.sync()
        let full = FilePath.join(staging, file.path)
        let time = timespec(
            tv_sec: Int(file.modifiedNs / 1_000_000_000), tv_nsec: Int(file.modifiedNs % 1_000_000_000))
        guard utimensat(AT_FDCWD, full, [time, time], 0) == 0 else {
            throw DurableError(errno: errno, path: full, operation: "set the time of")
        }
        guard chmod(full, file.mode | 0o600) == 0 else {
            throw DurableError(errno: errno, path: full, operation: "set the permissions of")
        }
    }

    /// Puts the written files into the place of the directory; where what was there has gone, if something was. Owner and
    /// permissions are as they were. Blocks.
    func publish(nowMs: Int64, on fileSystem: DiskFileSystem = DiskFileSystem()) throws(DurableError) -> String? {
        try syncDirectories(staging, fileSystem)
        var aside: String?
        if try fileSystem.exists(path) {
            try inheritOwner(fileSystem)
            if try fileSystem.list(path).allSatisfy({ $0 == DirectoryLock.fileName }) {
                try fileSystem.removeTree(path)
            } else {
                let place = "\(path).before-\(StampedName.stamp(nowMs))"
                try fileSystem.rename(path, to: place)
                aside = place
            }
        }
        try fileSystem.rename(staging, to: path)
        try fileSystem.syncDirectory(FilePath.parent(of: path))
        return aside
    }

    /// Clears away what was written.
    func abandon() { try? DiskFileSystem().removeTree(staging) }

    private func syncDirectories(_ directory: String, _ fileSystem: DiskFileSystem) throws(DurableError) {
        for name in try fileSystem.list(directory) {
            let child = FilePath.join(directory, name)
            if try fileSystem.status(child).isDirectory { try syncDirectories(child, fileSystem) }
        }
        try fileSystem.syncDirectory(directory)
    }

    private func inheritOwner(_ fileSystem: DiskFileSystem) throws(DurableError) {
        var info = stat()
        guard stat(path, &info) == 0 else { throw DurableError(errno: errno, path: path, operation: "stat") }
        guard chmod(staging, info.st_mode & 0o7777) == 0 else {
            throw DurableError(errno: errno, path: staging, operation: "set the permissions of")
        }
        guard info.st_uid != geteuid() || info.st_gid != getegid() else { return }
        try own(staging, info.st_uid, info.st_gid, fileSystem)
    }

    private func own(_ path: String, _ user: uid_t, _ group: gid_t, _ fileSystem: DiskFileSystem) throws(DurableError) {
        guard chown(path, user, group) == 0 else {
            throw DurableError(errno: errno, path: path, operation: "change the owner of")
        }
        guard try fileSystem.status(path).isDirectory else { return }
        for name in try fileSystem.list(path) { try own(FilePath.join(path, name), user, group, fileSystem) }
    }
}
