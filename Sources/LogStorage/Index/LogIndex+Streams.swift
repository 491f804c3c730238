import Bolt
import MartletCore

/// Streams, and which of them carry a label pair.
///
/// Bucket `streams`: run (u32, big-endian), place of the chunk's last stream in the run (u32, big-endian) → chunk (`IndexChunk`)
/// of streams: for each uvarint id minus the hash of its labels, then its `Labels` as bytes. Bucket `labels`: run, the chunk's
/// last label pair (name and value, escaped), number of the chunk in the run (u32, big-endian) → chunk of pairs: for each name
/// and value as bytes, uvarint ranges, and for each uvarint streams between the range before and this one, uvarint streams
/// less one.
extension LogIndex {
    private static let chunkBytes = 32 << 10
    private static let pairChunkBytes = 8 << 10
    /// As much of a label pair is in a key; keys are bounded.
    private static let maxPairKeyBytes = 16 << 10

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
        try addPairs(of: entries, run, try tx.createBucketIfNotExists(Self.labels))
    }

    private static func addPairs(of entries: [Entry], _ run: UInt32, _ bucket: Bucket) throws {
        var places: [LabelPair: [Int]] = [:]
        for (place, entry) in entries.enumerated() {
            entry.labels.forEach { name, value in
                places[LabelPair(name: [UInt8](name), value: [UInt8](value)), default: []].append(place)
            }
        }
        bucket.fillPercent = 1
        var chunk = ByteWriter()
        var number: UInt32 = 0
        let pairs = places.sorted { $0.key < $1.key }
        for (index, (pair, places)) in pairs.enumerated() {
            pair.name.withUnsafeBytes { chunk.uvarintBytes($0) }
            pair.value.withUnsafeBytes { chunk.uvarintBytes($0) }
            append(places, to: &chunk)
            guard chunk.count >= pairChunkBytes || index == pairs.count - 1 else { continue }
            var key = ByteWriter(Self.key(run, pair))
            key.u32BE(number)
            try bucket.put(key.bytes, try IndexChunk.packed(chunk.bytes))
            number += 1
            chunk = ByteWriter()
        }
    }

    /// Ascending places as ranges: streams that share a label lie together, for the most part.
    private static func append(_ places: [Int], to chunk: inout ByteWriter) {
        var ranges: [Range<Int>] = []
        for place in places {
            if let last = ranges.last, last.upperBound == place {
                ranges[ranges.count - 1] = last.lowerBound..<place + 1
            } else {
                ranges.append(place..<place + 1)
            }
        }
        chunk.uvarint(UInt64(ranges.count))
        var end = 0
        for range in ranges {
            chunk.uvarint(UInt64(range.lowerBound - end))
            chunk.uvarint(UInt64(range.count - 1))
            end = range.upperBound
        }
    }

    private static func key(_ run: UInt32, _ pair: LabelPair) -> [UInt8] {
        var key = ByteWriter()
        key.u32BE(run)
        key.append([UInt8](pair.escaped.prefix(maxPairKeyBytes)))
        return key.bytes
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

    /// Ids of the streams that carry `name` = `value`, ascending.
    package func streams(with name: String, _ value: String) throws -> [UInt64] {
        let pair = LabelPair(name: Array(name.utf8), value: Array(value.utf8))
        return try db.view { tx in
            guard let streams = try tx.bucket(Self.streams), let labels = try tx.bucket(Self.labels) else { return [] }
            var ids: [UInt64] = []
            for run in 0..<streams.sequence {
                let run = UInt32(truncatingIfNeeded: run + 1)
                let places = try Self.places(of: pair, run, labels)
                if !places.isEmpty { ids += try Self.ids(at: places, run, streams) }
            }
            return ids.sorted()
        }
    }

    /// Places in a run of the streams that carry a pair, ascending.
    private static func places(of pair: LabelPair, _ run: UInt32, _ bucket: Bucket) throws -> [Int] {
        var cursor = bucket.cursor()
        var found = try cursor.seek(key(run, pair))
        while let entry = found, let value = entry.value, entry.key.starts(with: Array(key(run, pair).prefix(4))) {
            let chunk = try value.withUnsafeBytes { (value) throws(BoltError) in try IndexChunk.unpacked(value) }
            var last: LabelPair?
            let places = try chunk.withUnsafeBytes { chunk in
                var cursor = ByteCursor(chunk)
                while !cursor.isAtEnd {
                    let name = [UInt8](try cursor.uvarintBytes())
                    let this = LabelPair(name: name, value: [UInt8](try cursor.uvarintBytes()))
                    let places = try Self.places(&cursor, isWanted: this == pair)
                    if this == pair { return places }
                    last = this
                }
                return []
            }
            if !places.isEmpty { return places }
            // Only where keys are cut short the pair may be in a chunk behind this one.
            if let last, pair < last { return [] }
            found = try cursor.next()
        }
        return []
    }

    private static func places(_ cursor: inout ByteCursor, isWanted: Bool) throws -> [Int] {
        var places: [Int] = []
        var end = 0
        for _ in 0..<(try cursor.uvarint()) {
            let (gap, others) = (try cursor.uvarint(), try cursor.uvarint())
            guard gap <= UInt64(UInt32.max), others < UInt64(UInt32.max), end <= Int(UInt32.max) else {
                throw IndexChunk.unreadable
            }
            let start = end + Int(gap)
            end = start + Int(others) + 1
            if isWanted { places += start..<end }
        }
        return places
    }

    private static func ids(at places: [Int], _ run: UInt32, _ bucket: Bucket) throws -> [UInt64] {
        var prefix = ByteWriter()
        prefix.u32BE(run)
        var ids: [UInt64] = []
        var first = 0
        var next = 0
        try bucket.forEach(prefix: prefix.bytes) { (_, value) throws(BoltError) -> Bool in
            guard let value else { throw IndexChunk.unreadable }
            let entries = try Self.entries(value)
            while next < places.count, places[next] < first + entries.count {
                ids.append(entries[places[next] - first].id)
                next += 1
            }
            first += entries.count
            return next < places.count
        }
        return ids
    }
}
