import Compression
package import MartletCore
package import Wire

/// A Loki push kept in the record log as its client sent it: its client has packed it already, and its lines need not be
/// copied into a record of our own. For pushes of which everything is taken as it is; what the server adds stands before it.
///
/// Bytes: magic `4D 4C` ("ML"), version 1, type 2; uvarint number of metadata sets, at most 256, each with uvarint length
/// and `Labels`' encoding; uvarint number of streams, each with uvarint length and `Labels`' encoding; uvarint number of
/// entries, and for each, in the push' order, a byte: its metadata set; then the push, a protobuf in snappy's block format.
package struct SentPush: Sendable {
    static let header: [UInt8] = [0x4D, 0x4C, 1, 2]

    private let push: LokiPush.PushRequest
    private let streams: [Labels]
    private let sets: [[UInt8]]
    private let setOfEntry: [UInt8]
    /// The record's bytes.
    let stored: [UInt8]
    /// Bytes of lines and metadata.
    let rawBytes: Int
    /// Bytes of memory to make room for before it is applied.
    let memoryBytes: Int

    /// Entries in all streams.
    var entryCount: Int { setOfEntry.count }
    /// Bytes of memory that it holds, about: a record of more than `LogRecord.maxBytes` is not stored.
    package var size: Int {
        push.bytes.count + stored.count + entryCount * MemoryLayout<LokiPush.PushRequest.Entry>.stride
    }

    /// A push, with the labels of each of its streams and the set of each of its entries as a place in `sets`, which are in
    /// `Labels`' encoding. The push' own metadata is left out: it must have none. `body` is the push as it was sent.
    package init(
        _ push: LokiPush.PushRequest, streams: [Labels], sets: [[UInt8]], setOfEntry: [UInt8],
        body: UnsafeRawBufferPointer
    ) {
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(setOfEntry.count + streams.count * 128 + body.count + 1024)
        writer.append(Self.header)
        writer.uvarint(UInt64(sets.count))
        for set in sets { set.withUnsafeBytes { writer.uvarintBytes($0) } }
        writer.uvarint(UInt64(streams.count))
        for labels in streams { labels.bytes.withUnsafeBytes { writer.uvarintBytes($0) } }
        writer.uvarint(UInt64(setOfEntry.count))
        writer.append(setOfEntry)
        writer.append(body)
        self.init(push, streams, sets, setOfEntry, stored: writer.bytes)
    }

    private init(
        _ push: LokiPush.PushRequest, _ streams: [Labels], _ sets: [[UInt8]], _ setOfEntry: [UInt8], stored: [UInt8]
    ) {
        self.push = push
        self.streams = streams
        self.sets = sets
        self.setOfEntry = setOfEntry
        self.stored = stored
        (rawBytes, memoryBytes) = Self.footprint(push, streams, sets, setOfEntry)
    }

    /// A record as the log keeps it. Throws when it is not whole.
    init(stored: UnsafeRawBufferPointer) throws {
        var cursor = ByteCursor(stored)
        _ = try cursor.bytes(Self.header.count)
        let sets = try Self.list(&cursor) { set in
            guard Labels(validating: [UInt8](set)) != nil else { throw LogStorageError.invalidLabels }
            return [UInt8](set)
        }
        let streams = try Self.list(&cursor) { text in
            guard let labels = Labels(validating: [UInt8](text)) else { throw LogStorageError.invalidLabels }
            return labels
        }
        let entries = try cursor.bytes(Int(clamping: try cursor.uvarint()))
        let body = UnsafeRawBufferPointer(rebasing: stored[cursor.offset...])
        let plain = try Snappy.decompress(body, limit: LogRecord.maxBytes)
        let push = try LokiPush.PushRequest(protobuf: plain)
        guard push.streams.count == streams.count, push.entries.count == entries.count,
            entries.allSatisfy({ Int($0) < sets.count })
        else { throw LogStorageError.unknownRecord(Array(stored.prefix(Self.header.count))) }
        self.init(push, streams, sets, [UInt8](entries), stored: [UInt8](stored))
    }

    /// Reads a number, then as many runs of bytes, each with its length before it.
    private static func list<Element>(
        _ cursor: inout ByteCursor, _ element: (UnsafeRawBufferPointer) throws -> Element
    ) throws -> [Element] {
        var elements: [Element] = []
        for _ in 0..<Int(clamping: try cursor.uvarint()) { elements.append(try element(cursor.uvarintBytes())) }
        return elements
    }

    private static func footprint(
        _ push: LokiPush.PushRequest, _ streams: [Labels], _ sets: [[UInt8]], _ setOfEntry: [UInt8]
    ) -> (raw: Int, memory: Int) {
        let sizes = sets.map(\.count)
        var raw = 0
        var memory = 0
        for (stream, labels) in zip(push.streams, streams) where !stream.entries.isEmpty {
            memory += RecordFootprint.stream(labels: labels.bytes.count)
            var last = -1
            for index in stream.entries {
                let line = Int(push.entries[index].line.count)
                let set = Int(setOfEntry[index])
                raw += line + sizes[set]
                memory += RecordFootprint.entry(bytes: line + (set == last ? 0 : sizes[set]))
                last = set
            }
        }
        return (raw, memory)
    }

    /// Gives the push' content to `visitor`.
    func visit(_ visitor: inout some LogRecord.Visitor) throws {
        // One slab: a look at an array of arrays for every line would count references.
        var joined: [UInt8] = []
        let places = sets.map { set in
            joined += set
            return ByteRange(offset: joined.count - set.count, count: set.count)
        }
        try Self.withBytes(push.bytes, joined) { bytes, slab in
            for (stream, labels) in zip(push.streams, streams) where !stream.entries.isEmpty {
                try labels.bytes.withUnsafeBytes { try visitor.stream($0) }
                for index in stream.entries {
                    let entry = push.entries[index]
                    let set = places[Int(setOfEntry[index])].bytes(in: slab)
                    try visitor.entry(entry.timestamp, entry.line.bytes(in: bytes), set)
                }
            }
            try visitor.end()
        }
    }

    private static func withBytes(
        _ first: [UInt8], _ second: [UInt8],
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        try first.withUnsafeBytes { first in try second.withUnsafeBytes { try body(first, $0) } }
    }
}
