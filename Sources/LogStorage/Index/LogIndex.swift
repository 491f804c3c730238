import Bolt
package import Durable
package import MartletCore

/// The index of one day: a bolt file that says which streams had lines that day, and which segment files have lines of a stream,
/// and of when.
///
/// All of it is packed: a transaction adds its streams as one run, sorted by labels, in chunks; nothing that is there is
/// written again. What a segment file has is a bucket of its own, which goes with it.
/// `docs/formats/log-index.md` has the bytes.
package final class LogIndex: Sendable {
    /// A stream of the index.
    package struct Entry: Sendable, Hashable {
        /// The stream's id, the same in all days of a tenant.
        package var id: UInt64
        /// The stream's labels.
        package var labels: Labels

        /// A stream.
        package init(id: UInt64, labels: Labels) {
            self.id = id
            self.labels = labels
        }
    }

    static let meta = Array("meta".utf8)
    static let streams = Array("streams".utf8)
    static let segments = Array("segments".utf8)
    static let formatKey = Array("format".utf8)
    static let formatNumber = "3"
    static let format = Array(formatNumber.utf8)
    /// Seconds to wait for a handle to the same file that another thread is letting go.
    private static let lockTimeout = 5.0

    let db: DB

    /// Opens the index at `path`, made when missing. Throws when it is of another format or locked, and, when `verified` is
    /// false, when any page of it is damaged: then all of it is read.
    package init(_ path: String, fileSystem: any FileSystem, verified: Bool = false) throws {
        var options = DB.Options(fileSystem: fileSystem)
        options.lockTimeout = Self.lockTimeout
        db = try DB(path, options: options)
        if !verified, let problem = try db.check().first { throw problem.placed(in: path) }
        let found = try db.view { try $0.bucket(Self.meta)?.get(Self.formatKey) }
        guard found == nil || found == Self.format else {
            throw BoltError(.invalidFile, "log index format \(found ?? []) is not known", path: path)
        }
    }

    /// Applies changes in one transaction.
    package func apply(_ change: IndexChange) throws {
        guard !change.isEmpty else { return }
        try db.update { tx in
            let meta = try tx.createBucketIfNotExists(Self.meta)
            if try meta.get(Self.formatKey) == nil { try meta.put(Self.formatKey, Self.format) }
            if !change.streams.isEmpty { try Self.add(change.streams, tx) }
            if !change.added.isEmpty || !change.removed.isEmpty {
                try Self.change(tx, add: change.added, remove: change.removed)
            }
        }
    }

    /// Bytes of the file that hold something: without free pages, and without what the file was made longer for.
    package var usedBytes: Int {
        let stats = db.stats
        return (stats.pages - stats.freePages - stats.pendingPages) * stats.pageSize
    }

    /// Everything that contradicts the format of the file; empty for a sound one. Reads all of it.
    package func problems() throws -> [String] { try db.check().map { "\($0)" } }

    /// Writes the index as of now to a new file; writers go on meanwhile.
    package func copy(to path: String) throws { try db.copy(to: path) }
}

extension BoltError {
    /// Whether the file is at fault, and stays so.
    var isDamage: Bool { code == .corrupt || code == .invalidFile }

    func placed(in path: String) -> BoltError {
        var error = self
        error.path = path
        return error
    }
}
