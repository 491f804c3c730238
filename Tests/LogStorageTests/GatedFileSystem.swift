import Dispatch
import Durable

/// The disk, with a gate before the making of directories whose path holds `name`.
final class GatedFileSystem: FileSystem {
    let name: String
    /// Counts the calls that stand at the gate.
    let arrived = DispatchSemaphore(value: 0)
    /// Lets one call through.
    let gate = DispatchSemaphore(value: 0)
    private let disk = DiskFileSystem()

    init(name: String) { self.name = name }

    func makeDirectory(_ path: String) throws(DurableError) {
        if path.hasSuffix(name) {
            arrived.signal()
            gate.wait()
        }
        try disk.makeDirectory(path)
    }

    func open(_ path: String, _ mode: OpenMode) throws(DurableError) -> any File { try disk.open(path, mode) }
    func list(_ path: String) throws(DurableError) -> [String] { try disk.list(path) }
    func status(_ path: String) throws(DurableError) -> FileStatus { try disk.status(path) }
    func rename(_ source: String, to target: String) throws(DurableError) { try disk.rename(source, to: target) }
    func link(_ source: String, to target: String) throws(DurableError) { try disk.link(source, to: target) }
    func unlink(_ path: String) throws(DurableError) { try disk.unlink(path) }
    func removeDirectory(_ path: String) throws(DurableError) { try disk.removeDirectory(path) }
    func syncDirectory(_ path: String) throws(DurableError) { try disk.syncDirectory(path) }
    func map(_ path: String) throws(DurableError) -> MappedFile { try disk.map(path) }
    func space(_ path: String) throws(DurableError) -> DiskSpace { try disk.space(path) }
}
