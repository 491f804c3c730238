import Durable
import MartletCore

/// The disk, with readings of its free room as a test wants them.
final class SmallDisk: FileSystem {
    /// What the next readings say; after them there is room.
    let readings: Lock<[UInt64]> = Lock([])
    private let disk = DiskFileSystem()

    func space(_ path: String) throws(DurableError) -> DiskSpace {
        let available = readings.withLock { $0.isEmpty ? 1 << 40 : $0.removeFirst() }
        return DiskSpace(totalBytes: 1 << 40, availableBytes: available)
    }

    func makeDirectory(_ path: String) throws(DurableError) { try disk.makeDirectory(path) }
    func open(_ path: String, _ mode: OpenMode) throws(DurableError) -> any File { try disk.open(path, mode) }
    func list(_ path: String) throws(DurableError) -> [String] { try disk.list(path) }
    func status(_ path: String) throws(DurableError) -> FileStatus { try disk.status(path) }
    func rename(_ source: String, to target: String) throws(DurableError) { try disk.rename(source, to: target) }
    func link(_ source: String, to target: String) throws(DurableError) { try disk.link(source, to: target) }
    func unlink(_ path: String) throws(DurableError) { try disk.unlink(path) }
    func removeDirectory(_ path: String) throws(DurableError) { try disk.removeDirectory(path) }
    func syncDirectory(_ path: String) throws(DurableError) { try disk.syncDirectory(path) }
    func map(_ path: String) throws(DurableError) -> MappedFile { try disk.map(path) }
}
