package import Durable
import MartletCore

extension TraceDatabase {
    /// Puts the files of all tenants into a directory that is there: what a crash now would leave. All spans that were
    /// acknowledged before the call are in it. Spans are taken meanwhile. Blocks on the disk.
    package func snapshot(to target: String, on fileSystem: any FileSystem = DiskFileSystem()) throws {
        for (_, store) in all {
            try store.snapshot(to: FilePath.join(target, FilePath.name(of: store.directory)))
        }
        try fileSystem.syncDirectory(target)
    }
}

extension TraceStore {
    /// Makes the directory `target` with the tenant's files, ended segments of the record log and parts, under second names.
    func snapshot(to target: String) throws {
        try upkeep.withLock { _ in
            try fileSystem.makeDirectory(target)
            let next = try log.cut()
            state.withLock { $0.newestSegment = max($0.newestSegment, next) }
            // The log first: what becomes a part later is in it as well.
            try log.linkEnded(before: next, to: FilePath.join(target, FilePath.name(of: log.directory)))
            try LinkedCopy.make(
                of: partDirectory, at: FilePath.join(target, FilePath.name(of: partDirectory)), leavingOutMissing: true,
                on: fileSystem
            ) { !$0.hasSuffix(AtomicFile.temporarySuffix) }
            try fileSystem.syncDirectory(target)
        }
    }
}
