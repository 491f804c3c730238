/// A file of a `RecordingFileSystem`: writes through to the disk and reports to the journal.
final class RecordingFile: File {
    private let file: any File
    private let inode: Int
    private let fileSystem: RecordingFileSystem

    init(_ file: any File, inode: Int, of fileSystem: RecordingFileSystem) {
        self.file = file
        self.inode = inode
        self.fileSystem = fileSystem
    }

    var path: String { file.path }

    func size() throws(DurableError) -> Int64 { try file.size() }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(DurableError) {
        fileSystem.willWrite()
        let count = fileSystem.admit(inode, offset, bytes)
        try file.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(count)), at: offset)
        if count < bytes.count {
            throw DurableError(errno: 28, path: path, operation: "write", offset: offset + Int64(count))
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(DurableError) -> Int {
        try file.read(into: buffer, at: offset)
    }

    func truncate(to size: Int64) throws(DurableError) {
        try file.truncate(to: size)
        fileSystem.truncated(inode, size)
    }

    func sync() throws(DurableError) { try fileSystem.synced(inode, path) }

    func syncData() throws(DurableError) { try fileSystem.synced(inode, path) }
}
