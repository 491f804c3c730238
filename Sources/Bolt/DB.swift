package import Durable
import Glibc
import MartletCore

/// A bolt file: an ordered key–value store in one file, with one writer, any number of readers, and commits that
/// either happened or did not. The format is etcd's bbolt's (version 2); its tools open our files and we open theirs.
///
/// Every read is checked against the file's length and the format, so damage gives `.corrupt`, never a crash; also when
/// the file is cut short, or the disk fails, while it is being read.
package final class DB: Sendable {
    /// How to open a file.
    package struct Options: Sendable {
        /// Opens with a shared lock and refuses writes; the file must exist.
        package var isReadOnly = false
        /// Page size of a new file, a power of two in 1 024…65 536; an existing file keeps its own.
        package var pageSize = 4096
        /// Seconds to wait for another process to give up the lock.
        package var lockTimeout: Double = 0
        /// Where the file is.
        package var fileSystem: any FileSystem

        /// The defaults: writable, 4 KiB pages, no waiting.
        package init(fileSystem: any FileSystem) {
            self.fileSystem = fileSystem
        }
    }

    /// What a file holds, in pages.
    package struct Stats: Equatable, Sendable {
        /// The file's used length.
        package var pages: Int
        /// Free at once.
        package var freePages: Int
        /// Free when readers have ended.
        package var pendingPages: Int
        /// Bytes of a page.
        package var pageSize: Int
        /// Open read transactions.
        package var readers: Int
    }

    private struct State {
        var meta: Meta
        var freelist: Freelist
        var mapping: MappedFile
        /// Open read transactions by the commit they see.
        var readers: [UInt64: Int] = [:]
        var isFailed = false
    }

    /// The file's path.
    package let path: String
    private let isReadOnly: Bool
    private let fileSystem: any FileSystem
    private let file: any File
    private let fileLock: FileLock
    private let state: Lock<State>
    private let writer = Lock(())

    /// Opens the file, made when it is missing. Throws `.locked` when another process holds it, `.invalidFile` when it is
    /// no bolt file, `.corrupt` when it is damaged beyond both metas or cut short.
    package init(_ path: String, options: Options) throws(BoltError) {
        self.path = path
        isReadOnly = options.isReadOnly
        fileSystem = options.fileSystem
        do {
            let file = try fileSystem.open(path, options.isReadOnly ? .read : .create)
            self.file = file
            fileLock = try FileLock(path, isShared: options.isReadOnly, timeout: options.lockTimeout)
            if try file.size() == 0, !options.isReadOnly {
                try Self.initialize(file, pageSize: options.pageSize)
                try fileSystem.syncDirectory(FilePath.parent(of: path))
            }
            let mapping = try fileSystem.map(path)
            let meta = try Self.findMeta(mapping)
            try Self.checkLength(mapping, meta)
            let freelist = options.isReadOnly ? Freelist(ascending: []) : try Self.loadFreelist(mapping, meta)
            state = Lock(State(meta: meta, freelist: freelist, mapping: mapping))
        } catch let error as BoltError {
            throw error.at(path)
        } catch {
            throw BoltError(error, path: path)
        }
    }

    // MARK: Transactions

    /// Runs `body` with a view of the last commit.
    @discardableResult
    package func view<R>(_ body: (Tx) throws -> R) throws -> R {
        let tx = try beginRead()
        defer { end(tx) }
        do {
            let result = try body(tx)
            try tx.verify()
            return result
        } catch let error as BoltError {
            throw error.at(path)
        }
    }

    /// Runs `body` as the one writer and commits its changes when it returns; when it throws nothing has happened.
    /// Writers wait for each other; do not call it inside itself. It blocks on the disk.
    @discardableResult
    package func update<R>(_ body: (Tx) throws -> R) throws -> R {
        guard !isReadOnly else { throw BoltError(.readOnly, "the database was opened read-only", path: path) }
        return try writer.withLock { (_) throws -> R in
            let tx = try beginWrite()
            defer { tx.close() }
            do {
                let result = try body(tx)
                try commit(tx)
                return result
            } catch let error as BoltError {
                throw error.at(path)
            } catch let error as DurableError {
                throw BoltError(error, path: path)
            }
        }
    }

    /// What the file holds now.
    package var stats: Stats {
        state.withLock { state in
            Stats(
                pages: Int(state.meta.highWater), freePages: state.freelist.freeCount,
                pendingPages: state.freelist.pendingCount, pageSize: state.meta.pageSize,
                readers: state.readers.values.reduce(0, +))
        }
    }

    private func beginRead() throws(BoltError) -> Tx {
        try state.withLock { (state) throws(BoltError) -> Tx in
            state.readers[state.meta.txid, default: 0] += 1
            return Tx(
                meta: state.meta, freelist: Freelist(ascending: []), mapping: state.mapping, isWritable: false)
        }
    }

    private func end(_ tx: Tx) {
        tx.close()
        state.withLock { state in
            let left = (state.readers[tx.id] ?? 1) - 1
            state.readers[tx.id] = left > 0 ? left : nil
        }
    }

    private func beginWrite() throws(BoltError) -> Tx {
        try state.withLock { (state) throws(BoltError) -> Tx in
            guard !state.isFailed else {
                throw BoltError(.failed, "an earlier commit failed half way; reopen the database", path: path)
            }
            // A page freed by commit n may be seen by readers of commits below n.
            state.freelist.release(upTo: state.readers.keys.min() ?? .max)
            var meta = state.meta
            meta.txid += 1
            return Tx(meta: meta, freelist: state.freelist, mapping: state.mapping, isWritable: true)
        }
    }

    private func commit(_ tx: Tx) throws {
        try tx.spill()
        if tx.hasChanges { try tx.spillFreelist() }
        // Before anything is written that was made of what was read.
        try tx.verify()
        guard tx.hasChanges else { return }
        let needed = Int64(tx.meta.highWater) * Int64(tx.meta.pageSize)
        var mapping: MappedFile?
        if needed > Int64(state.withLock { $0.mapping.count }) {
            if try file.size() < needed {
                try file.truncate(to: Self.grownSize(needed))
                try file.sync()
            }
            mapping = try fileSystem.map(path)
        }
        try write(tx.dirty, pageSize: tx.meta.pageSize)
        try file.syncData()
        do {
            try file.write(tx.meta.encoded(), at: Int64(tx.meta.pageID) * Int64(tx.meta.pageSize))
            try file.syncData()
        } catch {
            // Whether the new meta is on the disk is unknown: going on from either state could overwrite the other's.
            state.withLock { $0.isFailed = true }
            throw error
        }
        state.withLock { state in
            state.meta = tx.meta
            state.freelist = tx.freelist
            if let mapping { state.mapping = mapping }
        }
    }

    /// Writes pages in order of id, neighbours in one call.
    private func write(_ dirty: [(id: UInt64, bytes: [UInt8])], pageSize: Int) throws(DurableError) {
        let longestRun = 1 << 20
        var run: [UInt8] = []
        var start: UInt64 = 0
        for page in dirty.sorted(by: { $0.id < $1.id }) {
            if page.id == start + UInt64(run.count / pageSize), run.count < longestRun {
                run += page.bytes
                continue
            }
            if !run.isEmpty { try file.write(run, at: Int64(start) * Int64(pageSize)) }
            start = page.id
            run = page.bytes
        }
        if !run.isEmpty { try file.write(run, at: Int64(start) * Int64(pageSize)) }
    }

    /// Doubles from 32 KiB to 16 MiB, then steps of 16 MiB, so that growing costs few syncs.
    private static func grownSize(_ needed: Int64) -> Int64 {
        let step: Int64 = 16 << 20
        guard needed <= step else { return (needed + step - 1) / step * step }
        var size: Int64 = 32 << 10
        while size < needed { size *= 2 }
        return size
    }

    /// Where copies of this database are written.
    var fileSystemForCopies: any FileSystem { fileSystem }

    // MARK: Snapshot

    /// Writes the state of the last commit to a new file, which is complete and synced when this returns; writers go on
    /// meanwhile.
    package func copy(to destination: String) throws {
        try view { tx in
            let target = try fileSystem.open(destination, .createNew)
            let pageSize = tx.meta.pageSize
            var older = tx.meta
            older.txid -= 1
            // Both metas name the same state; the higher number stays on the page that bolt expects it on.
            for meta in [tx.meta, older] { try target.write(meta.encoded(), at: Int64(meta.pageID) * Int64(pageSize)) }
            try tx.forEachRun(maxBytes: 1 << 20) { bytes, offset in try target.write(bytes, at: Int64(offset)) }
            try target.sync()
            try fileSystem.syncDirectory(FilePath.parent(of: destination))
        }
    }
}
