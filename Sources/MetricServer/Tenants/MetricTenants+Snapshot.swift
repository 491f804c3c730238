import Durable
import MetricStorage
import RemoteStorage

extension MetricTenants {
    /// Puts the files of all tenants into a directory that is there: what a crash now would leave, as far as it cannot be had
    /// elsewhere. Samples are taken meanwhile. Blocks on the disk.
    func snapshot(to target: String) throws {
        let fileSystem = DiskFileSystem()
        for (name, store) in all {
            let own = name == Self.mainName ? target : FilePath.join(FilePath.join(target, Self.directory), name)
            try fileSystem.makeDirectories(own)
            // Before the log, or they could be behind its end.
            try Self.copyPositions(of: store, to: own, fileSystem)
            try Self.copyUploads(of: store, to: own, fileSystem)
            try store.snapshot(to: own)
        }
    }

    /// How far receivers of remote write are. The files are written in place.
    private static func copyPositions(
        of store: MetricStore, to target: String, _ fileSystem: any FileSystem
    ) throws(DurableError) {
        let source = FilePath.join(store.path, RemoteWriter.directoryName)
        guard try fileSystem.exists(source) else { return }
        let copy = FilePath.join(target, RemoteWriter.directoryName)
        try fileSystem.makeDirectory(copy)
        for name in try fileSystem.list(source) {
            try fileSystem.copy(FilePath.join(source, name), to: FilePath.join(copy, name))
        }
        try fileSystem.syncDirectory(copy)
    }

    /// Which blocks are in the object store: it is this server that removes them there when it is time.
    private static func copyUploads(
        of store: MetricStore, to target: String, _ fileSystem: any FileSystem
    ) throws(DurableError) {
        let source = FilePath.join(store.path, UploadState.fileName)
        guard try fileSystem.exists(source) else { return }
        try fileSystem.link(source, to: FilePath.join(target, UploadState.fileName))
    }
}
