package import MartletCore

/// One push as it goes into the record log, and from there into memory: what is replayed after a crash is exactly what
/// was applied before it.
///
/// Bytes: magic `4D 4C` ("ML"), version 1, type 1 (entries); then streams until the end: uvarint length and `Labels`'
/// encoding, u32 (LE) number of entries, and for every entry varint time minus that of the entry before (the first:
/// minus 0), uvarint length and line, uvarint length and structured metadata in `Labels`' encoding. The log's framing
/// adds the checksum.
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

    /// An empty record of about `capacity` bytes.
    package init(capacity: Int = 4096) {
        writer.bytes.reserveCapacity(capacity)
        writer.append(Self.header)
    }

    /// The record's bytes.
    package var bytes: [UInt8] { writer.bytes }

    /// The size of `bytes`, which must not exceed `maxBytes` when the record is stored.
    package var size: Int { writer.count }

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
    }

    /// Gives the record's content to `visitor`.
    package func visit(_ visitor: inout some Visitor) throws {
        try bytes.withUnsafeBytes { try Self.decode($0, into: &visitor) }
    }

    /// Gives a record's content to `visitor`; throws when it is not of this format.
    static func decode(_ record: UnsafeRawBufferPointer, into visitor: inout some Visitor) throws {
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
    }
}
