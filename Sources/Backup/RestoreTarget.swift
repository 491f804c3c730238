package import Durable
import Service

#if canImport(Glibc)
import Glibc
#endif

/// A directory that a store is restored to. Its files are written beside it first, and take its place when all are there.
package struct RestoreTarget: Sendable {
    /// Where what was there has gone.
    package struct Aside: Sendable {
        let path: String
        /// There was nothing in it but a lock.
        let isEmpty: Bool
    }

    private static let workspaceSuffix = ".restoring"

    let store: StoreName
    /// The data directory, absolute, and no symbolic link: what takes its place must lie on its disk.
    let path: String
    /// What was there goes to a directory beside it.
    let replaces: Bool

    /// A place for a store: `path` is absolute, and what is there may be replaced if `replaces` says so.
    package init(store: StoreName, path: String, replaces: Bool = false) {
        self.store = store
        self.path = (try? AbsolutePath.real(path)) ?? path
        self.replaces = replaces
    }

    /// Beside the directory, held by whoever restores.
    private var workspace: String { path + Self.workspaceSuffix }
    /// Where the files are written.
    var staging: String { FilePath.join(workspace, "files") }

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
        if try Self.info(path).st_dev != Self.info(FilePath.parent(of: path)).st_dev {
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

    /// Begins to write the files: an attempt that was cut off is cleared away, one that runs is left alone.
    package func begin() throws -> DirectoryLock {
        let fileSystem = DiskFileSystem()
        if try fileSystem.exists(workspace) {
            let lock = try Self.lockWorkspace(workspace)
            try fileSystem.removeTree(workspace)
            withExtendedLifetime(lock) {}
        }
        try fileSystem.makeDirectories(workspace)
        let lock = try Self.lockWorkspace(workspace)
        try fileSystem.makeDirectory(staging)
        return lock
    }

    private static func lockWorkspace(_ path: String) throws -> DirectoryLock {
        do throws(DurableError) {
            return try DirectoryLock(path)
        } catch {
            guard error.code == .locked else { throw error }
            throw StartupError("another restore writes to \(path): wait until it has ended")
        }
    }

    /// Makes a directory with the permissions that it had.
    func make(_ directory: StoredDirectory, on fileSystem: DiskFileSystem = DiskFileSystem()) throws(DurableError) {
        let full = FilePath.join(staging, directory.path)
        try fileSystem.makeDirectories(full)
        guard chmod(full, directory.mode | 0o700) == 0 else {
            throw DurableError(errno: errno, path: full, operation: "set the permissions of")
        }
    }

    /// Gives a file that is written the times and permissions that it had, and makes it durable.
    func finish(_ file: StoredFile, _ open: any File) throws(DurableError) {
        try open.sync()
        let full = FilePath.join(staging, file.path)
        // Before 1970 there are seconds below zero, and never such nanoseconds.
        let part = file.modifiedNs % 1_000_000_000
        let nanoseconds = part < 0 ? part + 1_000_000_000 : part
        let time = timespec(
            tv_sec: Int((file.modifiedNs - nanoseconds) / 1_000_000_000), tv_nsec: Int(nanoseconds))
        guard utimensat(AT_FDCWD, full, [time, time], 0) == 0 else {
            throw DurableError(errno: errno, path: full, operation: "set the time of")
        }
        guard chmod(full, file.mode | 0o600) == 0 else {
            throw DurableError(errno: errno, path: full, operation: "set the permissions of")
        }
    }

    /// Puts the written files into the place of the directory; gives where what was there has gone, if something was. Owners
    /// and permissions are as they were. After an error what was there is there, or the error says where it is. Blocks.
    package func publish(nowMs: Int64) throws -> Aside? {
        let fileSystem = DiskFileSystem()
        var aside: Aside?
        if try fileSystem.exists(path) {
            try inheritOwners(fileSystem)
            aside = Aside(
                path: "\(path).before-\(StampedName.stamp(nowMs))",
                isEmpty: try fileSystem.list(path).allSatisfy { $0 == DirectoryLock.fileName })
        }
        try syncDirectories(staging, fileSystem)
        if let aside { try fileSystem.rename(path, to: aside.path) }
        do throws(DurableError) {
            try fileSystem.rename(staging, to: path)
        } catch {
            if let aside { try putBack(aside, after: error, fileSystem) }
            throw error
        }
        do throws(DurableError) {
            try fileSystem.syncDirectory(FilePath.parent(of: path))
        } catch {
            try withdraw(aside, after: error)
            throw error
        }
        return aside
    }

    /// Undoes what `publish` did, since `cause` has happened; a `StartupError` says what could not be undone, and how to.
    package func withdraw(_ aside: Aside?, after cause: any Error) throws {
        let fileSystem = DiskFileSystem()
        do throws(DurableError) {
            try fileSystem.rename(path, to: staging)
        } catch {
            let old = aside.map { "; what was there is in \($0.path): move both to have it back" } ?? ""
            throw StartupError(
                "\(cause); and \(path) has the restored files, which cannot be moved away (\(error))\(old)")
        }
        if let aside { try putBack(aside, after: cause, fileSystem) }
    }

    private func putBack(_ aside: Aside, after cause: any Error, _ fileSystem: DiskFileSystem) throws {
        do throws(DurableError) {
            try fileSystem.rename(aside.path, to: path)
        } catch {
            throw StartupError(
                "\(cause); and what was in \(path) could not be moved back (\(error)): it is whole in \(aside.path), so that "
                    + "`mv \(aside.path) \(path)` brings it back")
        }
    }

    /// Clears away what is of no use when all is in its place. Gives the directory with what was there before.
    func end(_ aside: Aside?) -> String? {
        abandon()
        guard let aside else { return nil }
        guard aside.isEmpty else { return aside.path }
        try? DiskFileSystem().removeTree(aside.path)
        return nil
    }

    /// Clears away what was written.
    package func abandon() { try? DiskFileSystem().removeTree(workspace) }

    private func syncDirectories(_ directory: String, _ fileSystem: DiskFileSystem) throws(DurableError) {
        for name in try fileSystem.list(directory) {
            let child = FilePath.join(directory, name)
            if try fileSystem.status(child).isDirectory { try syncDirectories(child, fileSystem) }
        }
        try fileSystem.syncDirectory(directory)
    }

    /// Everything belongs to whom it belonged before, and what is new to whom the directory does.
    private func inheritOwners(_ fileSystem: DiskFileSystem) throws(DurableError) {
        let before = try Self.info(path)
        guard chmod(staging, before.st_mode & 0o7777) == 0 else {
            throw DurableError(errno: errno, path: staging, operation: "set the permissions of")
        }
        try own(staging, as: path, else: before, fileSystem)
    }

    private func own(
        _ path: String, as model: String, else parent: stat, _ fileSystem: DiskFileSystem
    ) throws(DurableError) {
        let wanted = (try? Self.info(model)) ?? parent
        let present = try Self.info(path)
        if present.st_uid != wanted.st_uid || present.st_gid != wanted.st_gid {
            guard chown(path, wanted.st_uid, wanted.st_gid) == 0 else {
                throw DurableError(errno: errno, path: path, operation: "change the owner of")
            }
        }
        guard present.st_mode & S_IFMT == S_IFDIR else { return }
        for name in try fileSystem.list(path) {
            try own(FilePath.join(path, name), as: FilePath.join(model, name), else: wanted, fileSystem)
        }
    }

    private static func info(_ path: String) throws(DurableError) -> stat {
        var info = stat()
        guard stat(path, &info) == 0 else { throw DurableError(errno: errno, path: path, operation: "stat") }
        return info
    }
}
