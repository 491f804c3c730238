/// A file system for tests: works on the real disk below one directory, and keeps a journal of every operation from
/// which `PowerLoss` rebuilds what the disk may hold after the power went at any point.
///
/// It also fakes a full disk: with a `capacity`, a write that would make the files larger than that in sum writes
/// what fits and fails with `.noSpace`, as a real disk does.
package final class RecordingFileSystem: FileSystem {
    struct Journal {
        var tree: RecordedTree
        let initial: RecordedTree
        var initialContents: [Int: [UInt8]]
        var operations: [RecordedOperation] = []
        var sizes: [Int: Int64] = [:]
        var capacity: Int64?
        /// Number of coming sync calls that succeed before one fails.
        var syncsUntilFailure: Int?
        /// Run once, before the next write.
        var nextWrite: (@Sendable () -> Void)?
    }

    /// The directory under which everything happens.
    package let root: String
    let journal: Monitor<Journal>
    private let disk = DiskFileSystem()

    /// Starts recording below `root`, an existing directory. What it holds now counts as safe on disk.
    package init(root: String) throws(DurableError) {
        self.root = root
        var tree = RecordedTree()
        var contents: [Int: [UInt8]] = [:]
        try Self.load(root, RecordedTree.root, &tree, &contents)
        let sizes = contents.mapValues { Int64($0.count) }
        journal = Monitor(Journal(tree: tree, initial: tree, initialContents: contents, sizes: sizes))
    }

    /// Number of operations so far: the place in the journal at which a test notes what was acknowledged.
    package var position: Int { journal.withLock { $0.operations.count } }

    /// The places right before and right after each sync, and the end: where losing power is most telling.
    package var syncPoints: [Int] {
        journal.withLock { journal in
            var points: Set<Int> = [0, journal.operations.count]
            for (index, operation) in journal.operations.enumerated() where operation.isSync {
                points.formUnion([index, index + 1])
            }
            return points.sorted()
        }
    }

    /// Limits the bytes of all files in sum; nil lifts the limit.
    package func setCapacity(_ bytes: Int64?) {
        journal.withLock { $0.capacity = bytes }
    }

    /// Lets `count` syncs succeed and the one after them fail with an I/O error.
    package func failSync(after count: Int) {
        journal.withLock { $0.syncsUntilFailure = count }
    }

    /// Runs `action` once, within the next write and before its first byte: to drive what happens meanwhile.
    package func beforeNextWrite(_ action: @escaping @Sendable () -> Void) {
        journal.withLock { $0.nextWrite = action }
    }

    // MARK: FileSystem

    package func open(_ path: String, _ mode: OpenMode) throws(DurableError) -> any File {
        let file = try disk.open(path, mode)
        let inode = try journal.withLock { (journal: inout Journal) throws(DurableError) -> Int in
            if let inode = try journal.tree.find(components(path), path) {
                if mode == .truncate { journal.record(.truncate(inode: inode, size: 0)) }
                return inode
            }
            let inode = journal.tree.newNode(directory: false)
            let (directory, name) = try journal.tree.locate(components(path), path)
            journal.record(.enter(directory: directory, name: name, child: inode))
            return inode
        }
        return RecordingFile(file, inode: inode, of: self)
    }

    package func makeDirectory(_ path: String) throws(DurableError) {
        try disk.makeDirectory(path)
        try journal.withLock { (journal: inout Journal) throws(DurableError) in
            guard try journal.tree.find(components(path), path) == nil else { return }
            let child = journal.tree.newNode(directory: true)
            let (directory, name) = try journal.tree.locate(components(path), path)
            journal.record(.enter(directory: directory, name: name, child: child))
        }
    }

    package func rename(_ source: String, to destination: String) throws(DurableError) {
        try disk.rename(source, to: destination)
        try journal.withLock { (journal: inout Journal) throws(DurableError) in
            let from = try journal.tree.locate(components(source), source)
            let to = try journal.tree.locate(components(destination), destination)
            let child = try journal.tree.require(components(source), source)
            journal.record(
                .move(from: from.directory, name: from.name, to: to.directory, newName: to.name, child: child))
        }
    }

    package func link(_ source: String, to destination: String) throws(DurableError) {
        try disk.link(source, to: destination)
        try journal.withLock { (journal: inout Journal) throws(DurableError) in
            let child = try journal.tree.require(components(source), source)
            let (directory, name) = try journal.tree.locate(components(destination), destination)
            journal.record(.enter(directory: directory, name: name, child: child))
        }
    }

    package func unlink(_ path: String) throws(DurableError) {
        try disk.unlink(path)
        try leave(path)
    }

    package func removeDirectory(_ path: String) throws(DurableError) {
        try disk.removeDirectory(path)
        try leave(path)
    }

    package func syncDirectory(_ path: String) throws(DurableError) {
        try passSync(path)
        try journal.withLock { (journal: inout Journal) throws(DurableError) in
            journal.record(.sync(node: try journal.tree.require(components(path), path)))
        }
    }

    package func list(_ path: String) throws(DurableError) -> [String] { try disk.list(path) }
    package func status(_ path: String) throws(DurableError) -> FileStatus { try disk.status(path) }
    package func map(_ path: String) throws(DurableError) -> MappedFile { try disk.map(path) }

    package func space(_ path: String) throws(DurableError) -> DiskSpace {
        let used = journal.withLock { ($0.sizes.values.reduce(0, +), $0.capacity) }
        guard let capacity = used.1 else { return try disk.space(path) }
        return DiskSpace(totalBytes: UInt64(capacity), availableBytes: UInt64(max(0, capacity - used.0)))
    }

    // MARK: What files report

    func willWrite() {
        let action = journal.withLock { journal in
            defer { journal.nextWrite = nil }
            return journal.nextWrite
        }
        action?()
    }

    /// Takes a write into the journal and returns how many of its bytes the disk has room for.
    func admit(_ inode: Int, _ offset: Int64, _ bytes: UnsafeRawBufferPointer) -> Int {
        journal.withLock { journal in
            let size = journal.sizes[inode] ?? 0
            var count = bytes.count
            if let capacity = journal.capacity {
                let free = capacity - journal.sizes.values.reduce(0, +)
                let growth = max(0, offset + Int64(count) - size)
                if growth > free { count = max(0, count - Int(growth - max(0, free))) }
            }
            if count > 0 {
                journal.record(.write(inode: inode, offset: offset, bytes: Array(bytes.prefix(count))))
            }
            return count
        }
    }

    func truncated(_ inode: Int, _ size: Int64) {
        journal.withLock { $0.record(.truncate(inode: inode, size: size)) }
    }

    func synced(_ inode: Int, _ path: String) throws(DurableError) {
        try passSync(path)
        journal.withLock { $0.record(.sync(node: inode)) }
    }

    private func passSync(_ path: String) throws(DurableError) {
        let fails = journal.withLock { journal -> Bool in
            guard let left = journal.syncsUntilFailure else { return false }
            journal.syncsUntilFailure = left > 0 ? left - 1 : nil
            return left == 0
        }
        if fails { throw DurableError(errno: 5, path: path, operation: "fsync") }
    }

    private func leave(_ path: String) throws(DurableError) {
        try journal.withLock { (journal: inout Journal) throws(DurableError) in
            let (directory, name) = try journal.tree.locate(components(path), path)
            journal.record(.leave(directory: directory, name: name))
        }
    }

    /// The path's components below the root.
    private func components(_ path: String) -> [String] {
        let rest = path.hasPrefix(root) ? path.dropFirst(root.count) : Substring(path)
        return rest.split(separator: "/").map(String.init)
    }

    private static func load(
        _ path: String, _ node: Int, _ tree: inout RecordedTree, _ contents: inout [Int: [UInt8]]
    ) throws(DurableError) {
        let disk = DiskFileSystem()
        for name in try disk.list(path) {
            let below = FilePath.join(path, name)
            let isDirectory = try disk.status(below).isDirectory
            let child = tree.newNode(directory: isDirectory)
            tree.enter(node, name, child)
            if isDirectory {
                try load(below, child, &tree, &contents)
            } else {
                contents[child] = try disk.read(below, limit: 1 << 30)
            }
        }
    }
}

extension RecordingFileSystem.Journal {
    /// Notes an operation and applies it to the live tree.
    mutating func record(_ operation: RecordedOperation) {
        tree.apply(operation)
        switch operation {
        case .write(let inode, let offset, let bytes):
            sizes[inode] = max(sizes[inode] ?? 0, offset + Int64(bytes.count))
        case .truncate(let inode, let size): sizes[inode] = size
        default: break
        }
        operations.append(operation)
    }
}
