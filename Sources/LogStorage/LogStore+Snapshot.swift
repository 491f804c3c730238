package import Durable
import MartletCore

extension LogStore {
    /// Puts the files of all tenants into a directory that is there: what a crash now would leave. All lines that were
    /// acknowledged before the call are in it. Pushes go on meanwhile. Blocks on the disk.
    package func snapshot(to target: String, on fileSystem: any FileSystem = DiskFileSystem()) throws {
        let parent = FilePath.join(target, Self.tenantsDirectory)
        try fileSystem.makeDirectory(parent)
        for (name, logs) in tenants { try logs.snapshot(to: FilePath.join(parent, name)) }
        try fileSystem.syncDirectory(parent)
        try fileSystem.syncDirectory(target)
    }
}

extension TenantLogs {
    /// Makes the directory `target` with the tenant's files: ended segments of the record log and segment files under second
    /// names, and copies of index files, which are written in place. Nothing when the tenant is just being closed.
    func snapshot(to target: String) throws {
        try upkeep.withLock { _ in
            guard !state.withLock(\.isClosed) else { return }
            try fileSystem.makeDirectory(target)
            let next = try endGeneration()
            // The log first: what becomes a file later is in it as well.
            try log.linkEnded(before: next, to: FilePath.join(target, FilePath.name(of: log.directory)))
            try LinkedCopy.make(
                of: segmentDirectory, at: FilePath.join(target, FilePath.name(of: segmentDirectory)),
                leavingOutMissing: true, on: fileSystem
            ) { !$0.hasSuffix(AtomicFile.temporarySuffix) }
            let index = FilePath.join(target, FilePath.name(of: indexDirectory))
            try fileSystem.makeDirectory(index)
            for name in try fileSystem.list(indexDirectory) where !name.hasSuffix(AtomicFile.temporarySuffix) {
                try fileSystem.copy(FilePath.join(indexDirectory, name), to: FilePath.join(index, name))
            }
            try fileSystem.syncDirectory(index)
            try fileSystem.syncDirectory(target)
        }
    }
}
