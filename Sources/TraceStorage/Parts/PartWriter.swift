import Compression
import Durable
import MartletCore

/// Writes a part's file, row group by row group. It appears under its name when all of it is on disk, or not at all.
struct PartWriter {
    static let magic: [UInt8] = Array("MTRP".utf8)
    static let version: UInt8 = 2
    /// Bytes of what follows the footer.
    static let tailBytes = 24

    private let path: String
    private let fileSystem: any FileSystem
    private let file: any File
    private let level: Int32
    private var position: Int64 = 0
    /// What is not written yet; it lies at `position`.
    private var buffer: [UInt8] = []
    private var footer = PartFooter()
    /// Ids of all traces so far, in the order of their numbers.
    private var ids: [(high: UInt64, low: UInt64)] = []

    private var temporary: String { path + AtomicFile.temporarySuffix }

    /// - Parameter level: Zstandard's.
    init(
        directory: String, segments: SegmentSpan, firstArrival: UInt64, lastArrival: UInt64, level: Int32 = 1,
        on fileSystem: any FileSystem
    ) throws(DurableError) {
        path = FilePath.join(directory, TraceStore.partFiles.name(of: segments))
        self.fileSystem = fileSystem
        self.level = level
        footer.segments = segments
        footer.firstArrival = firstArrival
        footer.lastArrival = lastArrival
        file = try fileSystem.open(path + AtomicFile.temporarySuffix, .truncate)
        buffer = Self.magic + [Self.version, 0, 0, 0]
    }

    // MARK: Pages

    /// Writes a page, compressed if that makes it smaller.
    mutating func page(_ bytes: [UInt8], compressing: Bool = true) throws -> PageReference {
        guard let count = UInt32(exactly: bytes.count), count < UInt32(Int32.max) else {
            throw DurableError(
                .tooLarge, path: path, operation: "write part", message: "a page of \(bytes.count) bytes is too large")
        }
        if compressing, bytes.count >= 32 {
            let packed = try bytes.withUnsafeBytes { try Zstd.compress($0, level: level) }
            if packed.count < bytes.count - bytes.count / 32 {
                return try append(packed, unpacked: count)
            }
        }
        return try append(bytes, unpacked: count)
    }

    private mutating func append(_ bytes: [UInt8], unpacked: UInt32) throws(DurableError) -> PageReference {
        let reference = PageReference(
            offset: UInt64(position) + UInt64(buffer.count), packed: UInt32(bytes.count), unpacked: unpacked,
            checksum: bytes.withUnsafeBytes { CRC32C.checksum($0) })
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1 << 20 { try flush() }
        return reference
    }

    private mutating func flush() throws(DurableError) {
        try file.write(buffer, at: position)
        position += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes a column of numbers; nil when all are zero, which is what a missing column means.
    mutating func integers(_ values: [UInt64]) throws -> IntegerColumn? {
        let encoded = IntegerColumnEncoder.encode(values)
        if encoded.maximum == 0 { return nil }
        var pages: [PageReference] = []
        for bytes in encoded.pages { pages.append(try page(bytes)) }
        return IntegerColumn(
            encoding: encoded.encoding, count: encoded.count, minimum: encoded.minimum, maximum: encoded.maximum,
            pages: pages)
    }

    /// Writes a column of numbers whose type must be known although all are zero.
    mutating func allIntegers(_ values: [UInt64]) throws -> IntegerColumn {
        try integers(values)
            ?? IntegerColumn(encoding: .constant, count: values.count, minimum: 0, maximum: 0, pages: [])
    }

    /// Writes a column of strings.
    mutating func strings(_ builder: StringColumnBuilder) throws -> StringColumn {
        let content = builder.finish()
        let lengths = try page(content.lengths)
        let suffixes = try page(content.suffixes)
        return StringColumn(
            distinct: content.distinct, lengths: lengths, suffixes: suffixes, filter: nil,
            codes: try allIntegers(content.codes))
    }

    // MARK: The whole

    /// Adds a row group whose columns are written. Groups come in the order of time.
    mutating func add(
        _ directory: GroupDirectory, _ summary: GroupSummary, _ values: GroupValues,
        traces: [(high: UInt64, low: UInt64)], largestTrace: Int
    ) throws {
        var summary = summary
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(traces.count * 16)
        for trace in traces {
            writer.u64BE(trace.high)
            writer.u64BE(trace.low)
        }
        summary.traceIDs = try page(writer.bytes, compressing: false)
        summary.directory = try page(directory.encoded())
        summary.values = try page(values.filter.bytes, compressing: false)
        footer.groups.append(summary)
        footer.largestTrace = max(footer.largestTrace, largestTrace)
        ids.append(contentsOf: traces)
    }

    /// Writes index and footer, syncs the file and gives it its name.
    ///
    /// - Parameter shared: says which traces have spans elsewhere.
    mutating func publish(shared: (_ high: UInt64, _ low: UInt64) -> Bool) throws -> PartFile {
        do {
            try writeIndex(shared)
            try writeFooter()
            try flush()
            try file.sync()
            try fileSystem.rename(temporary, to: path)
        } catch {
            discard()
            throw error
        }
        try fileSystem.syncDirectory(FilePath.parent(of: path))
        return try PartFile(path, on: fileSystem)
    }

    /// Removes what was written.
    func discard() {
        // A left-over is harmless, and removed at the next start.
        try? fileSystem.unlink(temporary)
    }

    private mutating func writeIndex(_ shared: (UInt64, UInt64) -> Bool) throws {
        // One part in 300 is then searched in vain for an id.
        var filter = ValueFilter(values: ids.count, bits: 12)
        for (number, id) in ids.enumerated() {
            filter.insert(ValueFilter.hash(high: id.high, low: id.low))
            if shared(id.high, id.low) { footer.shared.append(UInt32(number)) }
        }
        footer.filter = try page(filter.bytes, compressing: false)
        let order = ids.indices.sorted { (ids[$0].high, ids[$0].low) < (ids[$1].high, ids[$1].low) }
        for first in stride(from: 0, to: order.count, by: PartFooter.orderEntries) {
            var writer = ByteWriter()
            for number in order[first..<min(order.count, first + PartFooter.orderEntries)] {
                writer.u32LE(UInt32(number))
            }
            footer.order.append(try page(writer.bytes, compressing: false))
        }
    }

    private mutating func writeFooter() throws {
        let content = footer.encoded()
        let packed = try content.withUnsafeBytes { try Zstd.compress($0, level: 3) }
        var tail = ByteWriter()
        tail.u64LE(UInt64(position) + UInt64(buffer.count))
        tail.u32LE(UInt32(packed.count))
        tail.u32LE(UInt32(content.count))
        let checksum = packed.withUnsafeBytes { packed in
            tail.bytes.withUnsafeBytes { CRC32C.checksum($0, seed: CRC32C.checksum(packed)) }
        }
        tail.u32LE(checksum)
        tail.append(Self.magic)
        buffer.append(contentsOf: packed)
        buffer.append(contentsOf: tail.bytes)
    }
}
