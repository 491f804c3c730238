import Compression
import LogQL
import MartletCore

/// A block's bytes, checked, with the directory unpacked: the way to its entries.
struct OpenBlock {
    let header: BlockHeader
    let entries: EntryColumns
    private let filter: UnsafeRawBufferPointer
    private let directory: RawMemory
    /// Stands behind the entries' runs.
    private let reader: ByteRun.Reader

    /// `bytes` must outlive it, and so must whoever reads from it: `defer { block.keep() }`.
    init(_ bytes: UnsafeRawBufferPointer) throws {
        let body: UnsafeRawBufferPointer
        (header, filter, body) = try BlockHeader.read(bytes)
        guard body.count >= 4 else { throw LogStorageError.corruptBlock("it ends early") }
        let content = UnsafeRawBufferPointer(rebasing: body.dropLast(4))
        var tail = ByteCursor(body, offset: content.count)
        guard try tail.u32LE() == CRC32C.checksum(content) else {
            throw LogStorageError.corruptBlock("the checksum does not match")
        }
        var cursor = ByteCursor(content)
        let packed = try cursor.bytes(header.packedDirectoryBytes)
        directory = RawMemory(header.directoryBytes)
        try Zstd.decompress(
            packed, into: UnsafeMutableRawBufferPointer(start: directory.base, count: header.directoryBytes))
        // The unpacked columns take no more than some bytes for each byte of text and each entry.
        let budget = min(
            (header.lineBytes + header.setBytes + header.count) * 16 + (1 << 16), BlockHeader.maxRawBytes)
        var reader = ByteRun.Reader(directory: directory.bytes, data: cursor.rest, budget: budget)
        entries = try EntryColumns(&reader, header)
        self.reader = reader
    }

    /// Keeps its memory to this point.
    func keep() { directory.keep() }

    /// The lines, of which nothing is unpacked yet.
    func lines() throws -> LineBlock {
        var reader = reader
        return try LineBlock(&reader, count: header.count)
    }

    /// The rows that their metadata lets pass, nil for all.
    func rows(_ selection: BlockSelection) throws -> RowSet? {
        guard var check = selection.labelCheck else { return nil }
        return try entries.rows { check.mayPass($0) }
    }

    /// The filters that lines must pass, hints among them where no metadata stands in their way; nil when the block's own
    /// filter says that no line can pass.
    func filters(_ selection: BlockSelection) throws -> [LineFilter]? {
        guard selection.mayPass(filter: filter) else { return nil }
        var filters = selection.filters
        for hint in selection.hints where try !entries.hasMetadata(hint.name) {
            guard BlockSelection.mayPass(hint.filter, filter: filter) else { return nil }
            filters.append(hint.filter)
        }
        return filters
    }
}
