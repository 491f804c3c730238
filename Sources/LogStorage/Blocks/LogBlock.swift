package import Compression
package import Durable
import MartletCore

/// Sealed entries of one stream, compressed; never changed. Its bytes are the same in memory and in a segment file.
///
/// Bytes: magic `4D 4C 47 42` ("MLGB"), version 2; uvarint entries; varint smallest time; uvarint largest time minus it;
/// uvarint bytes of all lines, of the metadata sets, of the filter, of the directory unpacked, of the directory packed;
/// the filter (`GramFilter`); CRC32C (LE) of everything so far; the directory (zstd); the data; CRC32C (LE) of directory
/// and data. The directory says of times, metadata and lines, in this order, how they are stored (`EntryColumns`,
/// `LineEncoder`), and where in the data (`ByteRun`).
package final class LogBlock: Sendable {
    /// Where a block's bytes are.
    package enum Place: Sendable {
        /// Its bytes.
        case memory([UInt8])
        /// A stretch of a file.
        case file(any ReadableFile, offset: Int64, count: Int)
    }

    let header: BlockHeader
    /// Where its bytes are.
    package let place: Place

    var minTime: Int64 { header.minTime }
    var maxTime: Int64 { header.maxTime }
    var count: Int { header.count }
    /// Bytes of lines and metadata sets, decoded.
    var rawBytes: Int { header.lineBytes + header.setBytes }
    /// Bytes of memory, about.
    var memoryBytes: Int {
        switch place {
        case .memory(let bytes): bytes.count + 256
        case .file: 256
        }
    }

    /// Whether lines may lie in a range of time.
    func overlaps(_ range: ClosedRange<Int64>) -> Bool { minTime <= range.upperBound && maxTime >= range.lowerBound }

    /// A block whose header was read before.
    init(header: BlockHeader, place: Place) {
        self.header = header
        self.place = place
    }

    /// Seals `columns`, which are not empty.
    package convenience init(_ columns: LogColumns) throws(CompressionError) {
        let (header, bytes) = try Self.encode(columns)
        self.init(header: header, place: .memory(bytes))
    }

    private static func encode(
        _ columns: LogColumns
    ) throws(CompressionError) -> (header: BlockHeader, bytes: [UInt8]) {
        let columns = columns.normalized()
        var runs = ByteRun.Writer()
        try EntryColumns.write(columns, to: &runs)
        // The arrays' own accessors keep the error's type.
        let filter = try columns.lines.withUnsafeBufferPointer { (lines) throws(CompressionError) in
            try columns.lineEnds.withUnsafeBufferPointer { (ends) throws(CompressionError) in
                try LineEncoder.write(UnsafeRawBufferPointer(lines), ends: ends, to: &runs)
            }
        }
        let directory = try runs.directory.bytes.withUnsafeBufferPointer { (raw) throws(CompressionError) in
            try Zstd.compress(UnsafeRawBufferPointer(raw), level: 3)
        }
        let header = BlockHeader(
            count: columns.count, minTime: columns.minTime, maxTime: columns.maxTime, lineBytes: columns.lines.count,
            setBytes: columns.setBytes.count, filterBytes: filter.count, directoryBytes: runs.directory.count,
            packedDirectoryBytes: directory.count)
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(directory.count + runs.data.count + filter.count + 96)
        writer.append(BlockHeader.magic)
        header.write(to: &writer)
        writer.append(filter)
        writer.u32LE(writer.bytes.withUnsafeBytes { CRC32C.checksum($0) })
        let body = writer.count
        writer.append(directory)
        writer.append(runs.data)
        writer.u32LE(writer.bytes.withUnsafeBytes { CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[body...])) })
        return (header, writer.bytes)
    }

    /// Gives all of the block's bytes to `body`.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
        switch place {
        case .memory(let bytes): return try bytes.withUnsafeBytes(body)
        case .file(let file, let offset, let count):
            let bytes = try file.read(count: count, at: offset)
            guard bytes.count == count else { throw LogStorageError.corruptBlock("its file ends before it") }
            return try bytes.withUnsafeBytes(body)
        }
    }

    /// All entries.
    package func decode() throws -> LogColumns {
        try select(BlockSelection(start: .min, end: nil)).columns
    }

    /// The entries that are wanted, by time, and how many lines and bytes were looked at for them.
    package func select(_ selection: BlockSelection) throws -> BlockSelection.Result {
        guard try mayPass(selection) else { return .init(columns: LogColumns(), header: header, read: header.count) }
        return try withBytes { try Self.select(selection, in: $0) }
    }

    /// The same from a block's bytes.
    package static func select(
        _ selection: BlockSelection, in bytes: UnsafeRawBufferPointer
    ) throws -> BlockSelection.Result {
        let block = try OpenBlock(bytes)
        defer { block.keep() }
        var result = BlockSelection.Result(columns: LogColumns(), header: block.header, read: block.header.count)
        guard let filters = try block.filters(selection) else { return result }
        let passing = try block.rows(selection)
        if passing?.isEmpty == true { return result }
        let rows = try block.entries.rows(selection.start, selection.end)
        result.read = rows.count
        guard !rows.isEmpty else { return result }
        var lines = try block.lines()
        let found = try lines.select(
            filters, rows: rows, among: passing, text: selection.text, limit: block.header.lineBytes,
            context: selection.context)
        result.columns = try block.entries.columns(found.rows, lines: found.lines, lineEnds: found.ends)
        return result
    }

    /// False when the block's own filter, which is read alone, says that no line can pass.
    func mayPass(_ selection: BlockSelection) throws -> Bool {
        guard header.filterBytes > 0, selection.isExcludable, case .file(let file, let offset, let count) = place else {
            return true
        }
        let front = try file.read(count: min(count, header.filterBytes + BlockHeader.maxBytes), at: offset)
        return try front.withUnsafeBytes { selection.mayPass(filter: try BlockHeader.read($0).filter) }
    }
}

extension LogBlock.Place: CustomStringConvertible {
    /// Where to look for a block, for errors.
    package var description: String {
        switch self {
        case .memory: "memory"
        case .file(let file, let offset, _): "\(file.path) at \(offset)"
        }
    }
}
