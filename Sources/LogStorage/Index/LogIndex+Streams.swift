import Bolt
import MartletCore

/// The streams of the day.
///
/// Bucket `streams`: run (u32, big-endian), place of the chunk's last stream in the run (u32, big-endian) → chunk (`IndexChunk`)
/// of streams: for each uvarint id minus the hash of its labels, then its `Labels` as bytes. No label pairs: all streams are in
/// memory, where matchers look at each.
extension LogIndex {
    private static let chunkBytes = 32 << 10

    /// Adds a run of streams.
    static func add(_ entries: [Entry], _ tx: Tx) throws {
        let entries = entries.sorted { $0.labels < $1.labels }
        let streams = try tx.createBucketIfNotExists(Self.streams)
        streams.fillPercent = 1
        let run = UInt32(truncatingIfNeeded: try streams.nextSequence())
        var chunk = ByteWriter()
        for (place, entry) in entries.enumerated() {
            chunk.uvarint(entry.id &- entry.labels.hash64)
            entry.labels.bytes.withUnsafeBytes { chunk.uvarintBytes($0) }
            guard chunk.count >= chunkBytes || place == entries.count - 1 else { continue }
            var key = ByteWriter()
            key.u32BE(run)
            key.u32BE(UInt32(truncatingIfNeeded: place))
            try streams.put(key.bytes, try IndexChunk.packed(chunk.bytes))
            chunk = ByteWriter()
        }
    }

    /// All streams, by id.
    package func allStreams() throws -> [Entry] {
        try db.view { tx in
            var entries: [Entry] = []
            try tx.bucket(Self.streams)?.forEach { (key, value) throws(BoltError) -> Bool in
                guard let value, key.count == 8 else { throw IndexChunk.unreadable }
                entries += try Self.entries(value)
                return true
            }
            return entries.sorted { $0.id < $1.id }
        }
    }

    private static func entries(_ value: UnsafeRawBufferPointer) throws(BoltError) -> [Entry] {
        let bytes = try IndexChunk.unpacked(value)
        do {
            return try bytes.withUnsafeBytes { bytes in
                var entries: [Entry] = []
                var cursor = ByteCursor(bytes)
                while !cursor.isAtEnd {
                    let offset = try cursor.uvarint()
                    guard let labels = Labels(validating: [UInt8](try cursor.uvarintBytes())) else {
                        throw IndexChunk.unreadable
                    }
                    entries.append(Entry(id: labels.hash64 &+ offset, labels: labels))
                }
                return entries
            }
        } catch {
            throw IndexChunk.unreadable
        }
    }
}
