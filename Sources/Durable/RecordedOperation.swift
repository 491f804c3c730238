/// One operation of a `RecordingFileSystem`, in terms of nodes (files and directories) rather than paths, so that it
/// means the same whichever other operations reached the disk.
enum RecordedOperation: Sendable {
    case write(inode: Int, offset: Int64, bytes: [UInt8])
    case truncate(inode: Int, size: Int64)
    case enter(directory: Int, name: String, child: Int)
    case leave(directory: Int, name: String)
    case move(from: Int, name: String, to: Int, newName: String, child: Int)
    case sync(node: Int)

    var isSync: Bool {
        if case .sync = self { true } else { false }
    }

    /// The nodes any of whose syncs makes the operation safe.
    var savedBySyncOf: [Int] {
        switch self {
        case .write(let inode, _, _), .truncate(let inode, _): [inode]
        case .enter(let directory, _, _), .leave(let directory, _): [directory]
        // A rename is one change of the file system's journal: either directory's sync carries it.
        case .move(let from, _, let to, _, _): [from, to]
        case .sync: []
        }
    }
}
