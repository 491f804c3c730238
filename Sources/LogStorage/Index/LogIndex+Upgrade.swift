import Bolt
import Durable
import MartletCore

/// Former formats. Indexes of format 1 had a row for each stream (`streams`: id, u64 big-endian → labels) and for each of its label
/// pairs (`labels`), and knew nothing of segment files. Those of format 2 had chunks of label pairs in `labels`, which nobody asked:
/// all streams are in memory.
extension LogIndex {
    private static let firstFormat = Array("1".utf8)
    private static let secondFormat = Array("2".utf8)
    private static let labels = Array("labels".utf8)

    /// Makes an index of a former format one of this; whether it was one. Others stay as they are. Throws when it is damaged.
    static func upgrade(_ path: String, on fileSystem: any FileSystem) throws -> Bool {
        let streams: [Entry]
        do {
            let db = try DB(path, options: .init(fileSystem: fileSystem))
            let format = try db.view { try $0.bucket(meta)?.get(formatKey) }
            guard format == firstFormat || format == secondFormat else { return false }
            if let problem = try db.check().first { throw problem.placed(in: path) }
            guard format == firstFormat else {
                try removePairs(db)
                return true
            }
            streams = try rows(db)
        }
        try write(streams, inPlaceOf: path, on: fileSystem)
        return true
    }

    /// From format 2: in one transaction. The pages are free then for what comes.
    private static func removePairs(_ db: DB) throws {
        try db.update { tx in
            if try tx.bucket(labels) != nil { try tx.deleteBucket(labels) }
            try tx.createBucketIfNotExists(meta).put(formatKey, format)
        }
    }

    /// The streams of an index of format 1.
    private static func rows(_ db: DB) throws -> [Entry] {
        try db.view { tx in
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

    private static func write(_ streams: [Entry], inPlaceOf path: String, on fileSystem: any FileSystem) throws {
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
}
