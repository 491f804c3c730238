package import Durable
package import Logging
import MartletCore

/// A store as a data directory has it now, also while a server runs on it: for looking only.
///
/// It is opened on a copy within the directory, blocks as second names of their files, logs byte for byte, since opening
/// a store repairs its log. The copy goes with the view; one that was left over is cleared away when a server starts.
package final class StoreView: Sendable {
    /// How often is begun anew when a server took files away meanwhile.
    private static let attempts = 5

    /// The store; appending to it would be lost.
    package let store: MetricStore
    private let copy: String
    private let fileSystem: any FileSystem

    /// Copies and opens the directory, which must be writable.
    package init(_ path: String, logger: Logger, on fileSystem: any FileSystem = DiskFileSystem()) throws {
        var random = SystemRandomNumberGenerator()
        let name = "view-\(BlockID(timeMs: 0, random: &random))\(BlockWriter.temporarySuffix)"
        copy = FilePath.join(path, name)
        self.fileSystem = fileSystem
        do {
            try Self.copy(path, to: copy, on: fileSystem)
            // As much as the server was permitted, whatever that was.
            store = try MetricStore(copy, budget: MemoryBudget(limitBytes: .max / 2), logger: logger, on: fileSystem)
        } catch {
            try? fileSystem.removeTree(copy)
            throw error
        }
    }

    deinit {
        try? fileSystem.removeTree(copy)
    }

    private static func copy(_ path: String, to copy: String, on fileSystem: any FileSystem) throws(DurableError) {
        for attempt in 1...attempts {
            do throws(DurableError) {
                return try copyOnce(path, to: copy, on: fileSystem)
            } catch  where error.code == .notFound && attempt < attempts {
                try fileSystem.removeTree(copy)
            }
        }
    }

    /// The logs go first: what a server takes out of them later is in the blocks that are linked then.
    private static func copyOnce(_ path: String, to copy: String, on fileSystem: any FileSystem) throws(DurableError) {
        try fileSystem.makeDirectory(copy)
        let names = try fileSystem.list(path)
        for name in ["wal", "wbl", "chunks_head"] where names.contains(name) {
            try copyTree(FilePath.join(path, name), to: FilePath.join(copy, name), on: fileSystem)
        }
        for name in try fileSystem.list(path) where BlockID(name) != nil {
            try LinkedCopy.make(of: FilePath.join(path, name), at: FilePath.join(copy, name), on: fileSystem)
        }
    }

    private static func copyTree(
        _ source: String, to target: String, on fileSystem: any FileSystem
    ) throws(DurableError) {
        try fileSystem.makeDirectory(target)
        for name in try fileSystem.list(source) {
            let (from, to) = (FilePath.join(source, name), FilePath.join(target, name))
            if try fileSystem.status(from).isDirectory {
                try copyTree(from, to: to, on: fileSystem)
            } else {
                try copyFile(from, to: to, on: fileSystem)
            }
        }
    }

    private static func copyFile(
        _ source: String, to target: String, on fileSystem: any FileSystem
    ) throws(DurableError) {
        let (input, output) = (try fileSystem.open(source, .read), try fileSystem.open(target, .createNew))
        var offset: Int64 = 0
        while true {
            let bytes = try input.read(count: 1 << 20, at: offset)
            if bytes.isEmpty { return }
            try output.write(bytes, at: offset)
            offset += Int64(bytes.count)
        }
    }
}
