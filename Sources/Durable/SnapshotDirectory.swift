import MartletCore

/// Snapshots of what a running server keeps, each a directory `snapshots~/<name>` in its data directory: what a crash at that
/// moment would have left, in files that do not change any more. Most are second names of the server's own files, so that
/// a snapshot takes no room as long as those are there.
///
/// Whoever asked for one removes it. What is forgotten goes after a day, or after an hour where there are as many as there
/// may be.
package final class SnapshotDirectory: Sendable {
    /// A snapshot.
    package struct Snapshot: Sendable, Hashable {
        /// Its name.
        package let name: String
        /// Its directory, which is laid out as the data directory is.
        package let path: String
    }

    /// So many snapshots are there that there may be no more.
    package struct Full: Error, Sendable, CustomStringConvertible {
        let directory: String

        package var description: String {
            "\(directory) has \(SnapshotDirectory.limit) snapshots, as many as there may be: remove one that nobody reads"
        }
    }

    /// The directory in a data directory; no tenant can have its name.
    package static let directoryName = "snapshots~"
    /// Snapshots that may be there at a time.
    package static let limit = 4
    /// How long a snapshot stays that nobody removes, in milliseconds.
    static let lifetimeMs: Int64 = 86_400_000
    /// The same where another one needs its place.
    static let crowdedLifetimeMs: Int64 = 3_600_000

    private let path: String
    private let fileSystem: any FileSystem
    /// One is taken, or removed, at a time.
    private let changes = Lock(())

    /// Snapshots below a data directory. Nothing is made before the first.
    package init(_ storage: String, on fileSystem: any FileSystem = DiskFileSystem()) {
        path = FilePath.join(storage, Self.directoryName)
        self.fileSystem = fileSystem
    }

    /// Takes a snapshot: `body` puts files into a directory that is there. Throws `Full`, or what `body` throws. Blocks.
    ///
    /// - Parameter nowMs: milliseconds since 1970.
    package func take(nowMs: Int64, _ body: (_ target: String) throws -> Void) throws -> Snapshot {
        try changes.withLock { _ in
            try fileSystem.makeDirectories(path)
            var kept: [String] = []
            for name in try fileSystem.list(path) {
                // One that is half made was being made when the process ended.
                let isOver = StampedName.timeMs(of: name).map { nowMs - $0 >= Self.lifetimeMs } ?? true
                if isOver { try fileSystem.removeTree(FilePath.join(path, name)) } else { kept.append(name) }
            }
            if kept.count >= Self.limit, let oldest = kept.first {
                guard nowMs - (StampedName.timeMs(of: oldest) ?? 0) >= Self.crowdedLifetimeMs else {
                    throw Full(directory: path)
                }
                try fileSystem.removeTree(FilePath.join(path, oldest))
            }
            let name = StampedName.make(nowMs)
            let target = FilePath.join(path, name)
            let unfinished = target + AtomicFile.temporarySuffix
            do {
                try fileSystem.makeDirectory(unfinished)
                try body(unfinished)
                try fileSystem.rename(unfinished, to: target)
            } catch {
                try? fileSystem.removeTree(unfinished)
                throw error
            }
            return Snapshot(name: name, path: target)
        }
    }

    /// Removes a snapshot; false when there is none of that name. Blocks.
    package func remove(_ name: String) throws -> Bool {
        try changes.withLock { _ in
            let target = FilePath.join(path, name)
            guard StampedName.timeMs(of: name) != nil, try fileSystem.exists(target) else { return false }
            try fileSystem.removeTree(target)
            return true
        }
    }
}
