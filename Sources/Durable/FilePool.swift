import MartletCore
import Synchronization

/// Files that are read now and then, of which only so many are open: when there are more, those that were not read for
/// longest are closed, and opened again when they are read.
///
/// For files that never change. All calls that read block.
package final class FilePool: Sendable {
    private struct Entry {
        weak var file: PooledFile?
    }

    private let fileSystem: any FileSystem
    private let limit: Int
    private let open: Lock<[ObjectIdentifier: Entry]> = Lock([:])
    private let reads = Atomic<UInt64>(0)

    /// A pool that keeps at most `limit` files open (at least one), beside those that are being read and those that
    /// `PooledFile.keepOpen` holds.
    package init(limit: Int, on fileSystem: any FileSystem) {
        self.limit = max(1, limit)
        self.fileSystem = fileSystem
    }

    /// A file of the pool. Nothing is opened before it is read.
    package func file(_ path: String) -> PooledFile { PooledFile(path, in: self) }

    /// Files that the pool holds open.
    package var openCount: Int { open.withLock(\.count) }

    fileprivate func read(_ path: String) throws(DurableError) -> any File { try fileSystem.open(path, .read) }

    fileprivate func nextRead() -> UInt64 { reads.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Notes that a file is open, and closes others when there are too many: an eighth of them at a time, so that this is
    /// rare.
    fileprivate func opened(_ file: PooledFile) {
        // The files leave the lock with their references: the last one to go takes the lock itself.
        let (others, tooMany) = open.withLock { open -> ([PooledFile], Int) in
            open[ObjectIdentifier(file)] = Entry(file: file)
            guard open.count > limit else { return ([], 0) }
            let others = open.values.compactMap(\.file).filter { $0 !== file }.sorted { $0.lastRead < $1.lastRead }
            let tooMany = open.count - limit + limit / 8
            for file in others.prefix(tooMany) { open[ObjectIdentifier(file)] = nil }
            return (others, tooMany)
        }
        for file in others.prefix(tooMany) { file.close() }
    }

    fileprivate func forget(_ file: ObjectIdentifier) { open.withLock { $0[file] = nil } }
}

/// A file of a `FilePool`: open when it is read, closed when others are read instead.
package final class PooledFile: ReadableFile {
    private struct State {
        var file: (any File)?
        var isKept = false
    }

    /// Where it is.
    package let path: String
    private let pool: FilePool
    private let state = Lock(State())
    private let newestRead = Atomic<UInt64>(0)

    fileprivate init(_ path: String, in pool: FilePool) {
        self.path = path
        self.pool = pool
    }

    deinit {
        pool.forget(ObjectIdentifier(self))
    }

    fileprivate var lastRead: UInt64 { newestRead.load(ordering: .relaxed) }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(DurableError) -> Int {
        try opened().read(into: buffer, at: offset)
    }

    package func size() throws(DurableError) -> Int64 { try opened().size() }

    /// Opens the file and keeps it open until the last reference goes. To be called before the file's name is removed, so
    /// that those who still read it can go on.
    package func keepOpen() throws(DurableError) {
        let file = try opened()
        state.withLock { $0 = State(file: file, isKept: true) }
        pool.forget(ObjectIdentifier(self))
    }

    /// The open file. Whoever holds it reads on, also when the pool closes it meanwhile.
    private func opened() throws(DurableError) -> any File {
        newestRead.store(pool.nextRead(), ordering: .relaxed)
        if let file = state.withLock(\.file) { return file }
        let file = try pool.read(path)
        let isKept = state.withLock { state in
            if state.file == nil { state.file = file }
            return state.isKept
        }
        if !isKept { pool.opened(self) }
        return file
    }

    fileprivate func close() {
        state.withLock { state in if !state.isKept { state.file = nil } }
    }
}
