import Durable
import Foundation

/// A disk on which, when told to, the removal of a file takes until the test lets it go on.
final class StallingFileSystem: FileSystem, @unchecked Sendable {
    // Sendable holds because the flags are touched under the condition's lock only.
    private let disk = DiskFileSystem()
    private let condition = NSCondition()
    private var stalls = false
    private var isStalled = false

    /// The next removal waits.
    func stall() { condition.withLock { stalls = true } }

    /// Returns when a removal waits.
    func waitUntilStalled() {
        condition.withLock { while !isStalled { condition.wait() } }
    }

    /// The removal goes on.
    func goOn() {
        condition.withLock {
            stalls = false
            condition.broadcast()
        }
    }

    func unlink(_ path: String) throws(DurableError) {
        condition.withLock {
            while stalls {
                isStalled = true
                condition.broadcast()
                condition.wait()
            }
        }
        try disk.unlink(path)
    }

    func open(_ path: String, _ mode: OpenMode) throws(DurableError) -> any File { try disk.open(path, mode) }
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
