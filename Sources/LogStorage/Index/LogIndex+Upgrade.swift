import Bolt
import Durable
import MartletCore

/// Indexes of format 1 had a row for each stream (`streams`: id, u64 big-endian → labels) and for each of its label pairs, and
/// knew nothing of segment files.
extension LogIndex {
    private static let firstFormat = Array("1".utf8)

    /// Writes an index of format 1 anew, with all of its streams; others stay as they are. Throws when it is damaged.
    static func upgrade(_ path: String, on fileSystem: any FileSystem) throws {
        guard let streams = try streams(ofFirstFormat: path, on: fileSystem) else { return }
        let temporary = path + AtomicFile.temporarySuffix
        if try fileSystem.exists(temporary) { try fileSystem.unlink(temporary) }
        do {
            let index = try LogIndex(temporary, fileSystem: fileSystem)
            var change = IndexChange()
            change.streams = streams
            try index.apply(change)
        }
        try fileSystem.rename(temporary, to: path)
        try fileSystem.syncDirectory(FilePath.parent(of: path))
    }

    /// Nil when the index is of another format.
    private static func streams(ofFirstFormat path: String, on fileSystem: any FileSystem) throws -> [Entry]? {
        let db = try DB(path, options: .init(fileSystem: fileSystem))
        guard try db.view({ try $0.bucket(meta)?.get(formatKey) }) == firstFormat else { return nil }
        if let problem = try db.check().first { throw problem.placed(in: path) }
        return try db.view { tx in
            var entries: [Entry] = []
            try tx.bucket(streams)?.forEach { (key, value) throws(BoltError) -> Bool in
                guard key.count == 8, let value, let labels = Labels(validating: [UInt8](value)) else {
                    throw IndexChunk.unreadable
                }
                entries.append(Entry(id: key.reduce(0) { $0 << 8 | UInt64($1) }, labels: labels))
                return true
            }
            return entries
        }
    }
}
