import Durable

/// The disk, with a look at calls before they are made, which may fail them.
final class WatchedFileSystem: FileSystem {
    /// A call that is looked at, with its path.
    enum Call: Sendable, Hashable {
        /// A file is made, or written anew.
        case create(String)
        /// A file is opened for reading.
        case read(String)
        /// A file gets this name.
        case rename(String)
        case syncDirectory(String)
    }

    private let look: @Sendable (Call) throws(DurableError) -> Void
    private let disk = DiskFileSystem()

    init(_ look: @escaping @Sendable (Call) throws(DurableError) -> Void) { self.look = look }

    func open(_ path: String, _ mode: OpenMode) throws(DurableError) -> any File {
        if mode == .truncate { try look(.create(path)) }
        if mode == .read { try look(.read(path)) }
        return try disk.open(path, mode)
    }

    func rename(_ source: String, to target: String) throws(DurableError) {
        try look(.rename(target))
        try disk.rename(source, to: target)
    }

    func syncDirectory(_ path: String) throws(DurableError) {
        try look(.syncDirectory(path))
        try disk.syncDirectory(path)
    }

    func makeDirectory(_ path: String) throws(DurableError) { try disk.makeDirectory(path) }
    func list(_ path: String) throws(DurableError) -> [String] { try disk.list(path) }
    func status(_ path: String) throws(DurableError) -> FileStatus { try disk.status(path) }
    func link(_ source: String, to target: String) throws(DurableError) { try disk.link(source, to: target) }
    func unlink(_ path: String) throws(DurableError) { try disk.unlink(path) }
    func removeDirectory(_ path: String) throws(DurableError) { try disk.removeDirectory(path) }
    func map(_ path: String) throws(DurableError) -> MappedFile { try disk.map(path) }
    func space(_ path: String) throws(DurableError) -> DiskSpace { try disk.space(path) }
}
