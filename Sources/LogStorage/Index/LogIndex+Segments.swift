import Bolt
package import Durable
import MartletCore

/// Which segment files have lines of a stream, and of when.
///
/// Bucket `segments`: first and last segment of the record log (u64 each, big-endian), revision (u32, big-endian) → a bucket for
/// the file: key of the chunk's last stream (u32, big-endian: the upper half of its labels' hash; all ones in the last chunk) →
/// uvarint key of the stream before the chunk or 0, varint Unix seconds of the first line in the chunk, then for each stream, by
/// key, uvarint key minus that of the stream before, uvarint seconds from the chunk's first line to the stream's first, uvarint
/// seconds from there to its last; CRC-32C (u32, little-endian) of key and value. A file's bucket tells all of it, or is not
/// there.
extension LogIndex {
    /// Four values of this size fill a page.
    private static let segmentChunkBytes = 960

    static func change(
        _ tx: Tx, add added: [SegmentSpan: [IndexChange.StreamTimes]], remove removed: Set<SegmentSpan>
    ) throws {
        let files = try tx.createBucketIfNotExists(segments)
        files.fillPercent = 1
        for span in removed.union(added.keys).sorted() where try files.bucket(key(span)) != nil {
            try files.deleteBucket(key(span))
        }
        for (span, streams) in added.sorted(by: { $0.key < $1.key }) {
            let file = try files.createBucket(key(span))
            file.fillPercent = 1
            try put(streams, in: file)
        }
    }

    private static func put(_ streams: [IndexChange.StreamTimes], in bucket: Bucket) throws {
        let streams = joined(streams)
        var start = 0
        var before: UInt32 = 0
        repeat {
            var base = start < streams.count ? streams[start].first : 0
            var chunk = ByteWriter()
            var end = start
            // The base may fall while streams are added: the size is found with what it was before.
            while end < streams.count, chunk.count < segmentChunkBytes {
                base = min(base, streams[end].first)
                append(streams[end], behind: end == start ? before : streams[end - 1].key, base: base, to: &chunk)
                end += 1
            }
            chunk = ByteWriter()
            chunk.uvarint(UInt64(before))
            chunk.varint(base)
            for place in start..<end {
                append(streams[place], behind: place == start ? before : streams[place - 1].key, base: base, to: &chunk)
            }
            var key = ByteWriter()
            // Every key is in the range of one chunk, so that none can be missed where one is lost.
            key.u32BE(end == streams.count ? .max : streams[end - 1].key)
            chunk.u32LE(checksum(chunk.bytes, key.bytes))
            try bucket.put(key.bytes, chunk.bytes)
            (start, before) = (end, streams.isEmpty ? 0 : streams[end - 1].key)
        } while start < streams.count
    }

    private static func checksum(_ chunk: [UInt8], _ key: [UInt8]) -> UInt32 {
        key.withUnsafeBytes { key in
            chunk.withUnsafeBytes { CRC32C.checksum($0, seed: CRC32C.checksum(key)) }
        }
    }

    private static func append(
        _ stream: IndexChange.StreamTimes, behind key: UInt32, base: Int64, to chunk: inout ByteWriter
    ) {
        chunk.uvarint(UInt64(stream.key - key))
        chunk.uvarint(UInt64(bitPattern: stream.first &- base))
        chunk.uvarint(UInt64(bitPattern: stream.last &- stream.first))
    }

    /// By key, each key once.
    private static func joined(_ streams: [IndexChange.StreamTimes]) -> [IndexChange.StreamTimes] {
        var joined: [IndexChange.StreamTimes] = []
        joined.reserveCapacity(streams.count)
        for stream in streams.sorted(by: { $0.key < $1.key }) {
            if let last = joined.last, last.key == stream.key {
                joined[joined.count - 1].first = min(last.first, stream.first)
                joined[joined.count - 1].last = max(last.last, stream.last)
            } else {
                joined.append(stream)
            }
        }
        return joined
    }

    /// The segment files that the index knows.
    package func segmentSpans() throws -> Set<SegmentSpan> {
        try db.view { tx in
            var spans: Set<SegmentSpan> = []
            try tx.bucket(Self.segments)?.forEach { (key, value) throws(BoltError) -> Bool in
                guard value == nil, let span = Self.span(key) else { throw IndexChunk.unreadable }
                spans.insert(span)
                return true
            }
            return spans
        }
    }

    /// Of `spans`, those that the index knows, with whether they have lines in `seconds` (Unix, rounded down) of a stream with
    /// one of `keys`, which ascend.
    package func holders(
        of keys: [UInt32], in seconds: ClosedRange<Int64>, among spans: [SegmentSpan]
    ) throws -> [SegmentSpan: Bool] {
        try db.view { tx in
            var answer: [SegmentSpan: Bool] = [:]
            guard let files = try tx.bucket(Self.segments) else { return [:] }
            for span in spans {
                guard let file = try files.bucket(Self.key(span)) else { continue }
                answer[span] = try Self.holds(file, keys, seconds)
            }
            return answer
        }
    }

    private static func holds(_ file: Bucket, _ keys: [UInt32], _ seconds: ClosedRange<Int64>) throws -> Bool {
        var cursor = file.cursor()
        var next = 0
        while next < keys.count {
            var key = ByteWriter()
            key.u32BE(keys[next])
            guard let entry = try cursor.seek(key.bytes), let value = entry.value, entry.key.count == 4, value.count > 4
            else { throw IndexChunk.unreadable }
            let chunk = Array(value.dropLast(4))
            let stored = value.suffix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
            guard stored == checksum(chunk, entry.key) else { throw IndexChunk.unreadable }
            if try chunk.withUnsafeBytes({ try contains($0, keys[next...], seconds) }) { return true }
            // The keys up to the chunk's last have been looked for.
            let last = entry.key.reduce(0) { $0 << 8 | UInt32($1) }
            while next < keys.count, keys[next] <= last { next += 1 }
        }
        return false
    }

    private static func contains(
        _ chunk: UnsafeRawBufferPointer, _ keys: ArraySlice<UInt32>, _ seconds: ClosedRange<Int64>
    ) throws -> Bool {
        var cursor = ByteCursor(chunk)
        var key = try cursor.uvarint()
        guard let wanted = keys.first, key == 0 || wanted > key else { throw IndexChunk.unreadable }
        let base = try cursor.varint()
        var next = keys.startIndex
        while !cursor.isAtEnd {
            key &+= try cursor.uvarint()
            let first = base &+ Int64(bitPattern: try cursor.uvarint())
            let last = first &+ Int64(bitPattern: try cursor.uvarint())
            while next < keys.endIndex, keys[next] < key { next += 1 }
            guard next < keys.endIndex else { return false }
            if keys[next] == key, first <= seconds.upperBound, last >= seconds.lowerBound { return true }
        }
        return false
    }

    private static func key(_ span: SegmentSpan) -> [UInt8] {
        var key = ByteWriter()
        key.u64BE(UInt64(span.first))
        key.u64BE(UInt64(span.last))
        key.u32BE(UInt32(clamping: span.revision))
        return key.bytes
    }

    private static func span(_ key: UnsafeRawBufferPointer) -> SegmentSpan? {
        guard key.count == 20 else { return nil }
        var cursor = ByteCursor(key)
        guard let first = try? cursor.u64BE(), let last = try? cursor.u64BE(), let revision = try? cursor.u32BE(),
            first <= last, last <= UInt64(Int.max)
        else { return nil }
        return SegmentSpan(first: Int(first), last: Int(last), revision: Int(revision))
    }
}
