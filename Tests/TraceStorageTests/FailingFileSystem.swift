import Durable
import MartletCore

/// A disk on which, when told to, no part can be written.
final class FailingFileSystem: FileSystem {
    private let disk = DiskFileSystem()
    private let fails = Lock(false)

    /// Whether parts fail from now on.
    func fail(_ fails: Bool) { self.fails.withLock { $0 = fails } }

    func open(_ path: String, _ mode: OpenMode) throws(DurableError) -> any File {
        if path.contains("/parts/"), fails.withLock({ $0 }) {
            throw DurableError(.noSpace, path: path, operation: "open", message: "no space left on device")
        }
        return try disk.open(path, mode)
    }

    func unlink(_ path: String) throws(DurableError) { try disk.unlink(path) }
    func makeDirectory(_ path: String) throws(DurableError) { try disk.makeDirectory(path) }
    func list(_ path: String) throws(DurableError) -> [String] { try disk.list(path) }
    func status(_ path: String) throws(DurableError) -> FileStatus { try disk.status(path) }
    func rename(_ source: String, to destination: String) throws(DurableError) {
        try disk.rename(source, to: destination)
    }
    func link(_ source: String, to destination: String) throws(DurableError) { try disk.link(source, to: destination) }
    func removeDirectory(_ path: String) throws(DurableError) { try disk.removeDirectory(path) }
    func syncDirectory(_ path: String) throws(DurableError) { try disk.syncDirectory(path) }
    func map(_ path: String) throws(DurableError) -> MappedFile { try disk.map(path) }
    func space(_ path: String) throws(DurableError) -> DiskSpace { try disk.space(path) }
}
