import Bolt
package import Durable
package import MartletCore

/// The index of one day: a bolt file that says which streams had entries that day, and which streams carry a label pair.
///
/// Buckets: `meta` (`format` = `1`), `streams` (stream id, 8 bytes big-endian → labels in `Labels`' encoding), `labels`
/// (name, 00, value, 00, stream id → empty; a 00 inside name or value is written 00 FF).
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

    private static let meta = Array("meta".utf8)
    private static let streams = Array("streams".utf8)
    private static let labels = Array("labels".utf8)
    private static let formatKey = Array("format".utf8)
    private static let format = Array("1".utf8)

    private let db: DB

    /// Opens the index at `path`, made when missing. Throws when it is damaged, of another format or locked.
    package init(_ path: String, fileSystem: any FileSystem) throws {
        db = try DB(path, options: .init(fileSystem: fileSystem))
        if let problem = try db.check().first { throw problem.placed(in: path) }
        let found = try db.view { try $0.bucket(Self.meta)?.get(Self.formatKey) }
        guard found == nil || found == Self.format else {
            throw BoltError(.invalidFile, "log index format \(found ?? []) is not known", path: path)
        }
    }

    /// Adds streams in one transaction; those that are there stay.
    package func add(_ entries: [Entry]) throws {
        let entries = entries.sorted { $0.id < $1.id }
        var rows: [[UInt8]] = []
        for entry in entries {
            let id = Self.key(entry.id)
            entry.labels.forEach { name, value in
                var row = Self.escaped(name)
                row += Self.escaped(value)
                row += id
                rows.append(row)
            }
        }
        rows.sort { $0.lexicographicallyPrecedes($1) }
        try db.update { tx in
            let meta = try tx.createBucketIfNotExists(Self.meta)
            if try meta.get(Self.formatKey) == nil { try meta.put(Self.formatKey, Self.format) }
            let streams = try tx.createBucketIfNotExists(Self.streams)
            for entry in entries { try streams.put(Self.key(entry.id), entry.labels.bytes) }
            let labels = try tx.createBucketIfNotExists(Self.labels)
            for row in rows { try labels.put(row, []) }
        }
    }

    /// All streams, by id.
    package func allStreams() throws -> [Entry] {
        try db.view { tx in
            var entries: [Entry] = []
            try tx.bucket(Self.streams)?.forEach { (key, value) throws(BoltError) -> Bool in
                guard key.count == 8, let value, let labels = Labels(validating: [UInt8](value)) else {
                    throw BoltError(.corrupt, "a stream of the log index is not readable")
                }
                entries.append(Entry(id: Self.id(key), labels: labels))
                return true
            }
            return entries
        }
    }

    /// Ids of the streams that carry `name` = `value`, ascending.
    package func streams(with name: String, _ value: String) throws -> [UInt64] {
        let prefix = Bytes.of(name) { Self.escaped($0) } + Bytes.of(value) { Self.escaped($0) }
        return try db.view { tx in
            var ids: [UInt64] = []
            try tx.bucket(Self.labels)?.forEach(prefix: prefix) { (key, _) throws(BoltError) -> Bool in
                ids.append(Self.id(UnsafeRawBufferPointer(rebasing: key[prefix.count...])))
                return true
            }
            return ids
        }
    }

    /// Writes the index as of now to a new file; writers go on meanwhile.
    package func copy(to path: String) throws { try db.copy(to: path) }

    private static func key(_ id: UInt64) -> [UInt8] { withUnsafeBytes(of: id.bigEndian) { Array($0) } }

    private static func id(_ key: UnsafeRawBufferPointer) -> UInt64 {
        key.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// `bytes` with every 00 followed by FF, ended by a 00: sorts as the bytes do, and no other text begins with it.
    private static func escaped(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + 1)
        for byte in bytes {
            out.append(byte)
            if byte == 0 { out.append(0xFF) }
        }
        out.append(0)
        return out
    }
}

extension BoltError {
    fileprivate func placed(in path: String) -> BoltError {
        var error = self
        error.path = path
        return error
    }
}
