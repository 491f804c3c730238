import Backup
import Durable
import ObjectStorage
import Service

/// A repository in a directory, and a directory of files that is backed up.
final class Fixture: Sendable {
    let root: TemporaryDirectory
    let repository: Repository
    let blocking = BlockingPool(threads: 2)
    let disk = DiskFileSystem()
    /// 2026-01-01T12:00:00Z.
    let now: Int64 = 1_767_268_800_000

    init() throws {
        root = try TemporaryDirectory("backup")
        repository = Repository(
            store: DirectoryObjectStore(FilePath.join(root.path, "repository"), blocking: blocking))
        try disk.makeDirectories(source)
    }

    var source: String { root.file("source") }

    /// Writes a file below the source.
    func write(_ path: String, _ bytes: [UInt8]) throws {
        let full = FilePath.join(source, path)
        try disk.makeDirectories(FilePath.parent(of: full))
        try AtomicFile.publish(full, bytes)
    }

    /// Backs the source up as configuration.
    func backUp(at nowMs: Int64? = nil) async throws -> BackupManifest {
        try await BackupJob(
            repository: repository, sources: [(store: .config, source: .directory(source))], access: nil,
            blocking: blocking, host: "here"
        ).run(nowMs: nowMs ?? now)
    }

    /// The file of the object that has a content.
    func object(_ file: StoredFile) -> String {
        root.file("repository/" + Repository.key(of: file.digest))
    }

    /// All files below a directory with their contents.
    func tree(_ directory: String) throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        func walk(_ path: String, _ prefix: String) throws {
            for name in try disk.list(path) {
                let child = FilePath.join(path, name)
                if try disk.status(child).isDirectory {
                    try walk(child, prefix + name + "/")
                } else {
                    found[prefix + name] = try disk.read(child, limit: 1 << 30)
                }
            }
        }
        try walk(directory, "")
        return found
    }
}
