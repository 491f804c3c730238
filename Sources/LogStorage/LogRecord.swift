package import MartletCore

/// One push as it goes into the record log, and from there into memory: what is replayed after a crash is exactly what
/// was applied before it.
///
/// It is either built entry by entry, or a Loki push kept as its client sent it (`SentPush`). Bytes: magic `4D 4C` ("ML"),
/// version 1, and the type. Type 1 (entries) goes on with streams until the end: uvarint length and `Labels`' encoding,
/// u32 (LE) number of entries, and for every entry varint time minus that of the entry before (the first: minus 0),
/// uvarint length and line, uvarint length and structured metadata in `Labels`' encoding. Type 2 is `SentPush`'s. The
/// log's framing adds the checksum.
package struct LogRecord: Sendable {
    static let header: [UInt8] = [0x4D, 0x4C, 1, 1]
    /// Largest record: it must fit in a segment of the record log also when it does not shrink, and be read back whole.
    package static let maxBytes = 120 << 20

    private(set) var writer = ByteWriter()
    private var countOffset = 0
    private var streamEntries: UInt32 = 0
    private var previousTime: Int64 = 0
    /// Entries in all streams.
    package private(set) var entryCount = 0
    /// Bytes of lines and metadata.
    package private(set) var rawBytes = 0
    /// Bytes of memory to make room for before it is applied.
    private(set) var memoryBytes = 0
    /// Where the metadata of the entry before lies.
    private var lastMetadata = 0..<0
    /// The push that the record is, unless it is built.
    private var sent: SentPush?

    /// An empty record of about `capacity` bytes.
    package init(capacity: Int = 4096) {
        writer.bytes.reserveCapacity(capacity)
        writer.append(Self.header)
    }

    /// A push as its client sent it.
    package init(_ sent: SentPush) {
        self.sent = sent
        entryCount = sent.entryCount
        rawBytes = sent.rawBytes
        memoryBytes = sent.memoryBytes
    }

    /// A record as the log keeps it. Throws when it is not whole or not of this format.
    package init(stored: UnsafeRawBufferPointer) throws {
        guard !stored.starts(with: SentPush.header) else {
            self.init(try SentPush(stored: stored))
            return
        }
        var footprint = RecordFootprint()
        try Self.decode(stored, into: &footprint)
        self.init(capacity: 0)
        writer.bytes = [UInt8](stored)
        memoryBytes = footprint.memoryBytes
        entryCount = footprint.entryCount
        rawBytes = footprint.rawBytes
    }

    /// The record's bytes.
    package var bytes: [UInt8] { sent?.stored ?? writer.bytes }

    /// Whether `bytes` are packed already.
    var isPacked: Bool { sent != nil }

    /// The size in memory, which must not exceed `maxBytes` when the record is stored.
    package var size: Int { sent?.size ?? writer.count }

    /// Whether there is no entry in it.
    package var isEmpty: Bool { entryCount == 0 }

    /// Begins a stream; the entries that follow are its.
    package mutating func beginStream(_ labels: Labels) {
        labels.bytes.withUnsafeBytes { writer.uvarintBytes($0) }
        memoryBytes += RecordFootprint.stream(labels: labels.bytes.count)
        countOffset = writer.count
        writer.u32LE(0)
        streamEntries = 0
        previousTime = 0
    }

    /// Adds an entry to the stream begun last. `metadata` is in `Labels`' encoding.
    package mutating func append(
        timestamp: Int64, line: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer
    ) {
        writer.varint(timestamp &- previousTime)
        previousTime = timestamp
        writer.uvarintBytes(line)
        let isShared = writer.bytes.withUnsafeBytes {
            Bytes.equal(UnsafeRawBufferPointer(rebasing: $0[lastMetadata]), metadata)
        }
        writer.uvarintBytes(metadata)
        lastMetadata = writer.count - metadata.count..<writer.count
        memoryBytes += RecordFootprint.entry(bytes: line.count + (isShared ? 0 : metadata.count))
        streamEntries += 1
        let (count, offset) = (streamEntries.littleEndian, countOffset)
        writer.bytes.withUnsafeMutableBytes { $0.storeBytes(of: count, toByteOffset: offset, as: UInt32.self) }
        entryCount += 1
        rawBytes += line.count + metadata.count
    }

    /// What reads a record.
    package protocol Visitor {
        /// A stream begins; its `Labels` encoding.
        mutating func stream(_ labels: UnsafeRawBufferPointer) throws
        /// An entry of the stream that began last.
        mutating func entry(
            _ timestamp: Int64, _ line: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer
        ) throws
        /// That was the last entry. The bytes of all of them are there until this returns.
        mutating func end() throws
    }

    /// Gives the record's content to `visitor`.
    package func visit(_ visitor: inout some Visitor) throws {
        guard let sent else { return try writer.bytes.withUnsafeBytes { try Self.decode($0, into: &visitor) } }
        try sent.visit(&visitor)
    }

    private static func decode(_ record: UnsafeRawBufferPointer, into visitor: inout some Visitor) throws {
        var cursor = ByteCursor(record)
        let header = try cursor.bytes(4)
        guard header.elementsEqual(Self.header) else { throw LogStorageError.unknownRecord(Array(header)) }
        while !cursor.isAtEnd {
            try visitor.stream(cursor.uvarintBytes())
            let count = try cursor.u32LE()
            var time: Int64 = 0
            for _ in 0..<count {
                time = time &+ (try cursor.varint())
                let line = try cursor.uvarintBytes()
                try visitor.entry(time, line, cursor.uvarintBytes())
            }
        }
        try visitor.end()
    }
}

extension LogRecord.Visitor {
    package mutating func end() {}
}
