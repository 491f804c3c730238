import Compression
import Durable
import LogQL
import MartletCore

/// An immutable file of blocks, sorted by stream and time, with a directory behind them: what generations become once
/// they have ended.
///
/// Bytes: magic `4D 4C 53 47` ("MLSG"), version 1; the blocks (`LogBlock`); the directory (zstd): uvarint first and last
/// segment of the record log that the file stands for, varint Unix seconds of the first and the last append, uvarint
/// streams, for each uvarint length and labels in `Labels`' encoding, uvarint blocks, for each uvarint length and the
/// fields of its header; the footer: u64 (LE) offset of the directory, u32 its bytes, u32 unpacked, u32 CRC32C of the
/// directory and of the footer so far, magic.
struct SegmentFile: Sendable {
    /// One stream's blocks, by time.
    struct Part: Sendable {
        var labels: Labels
        var blocks: [LogBlock]
    }

    static let magic: [UInt8] = [0x4D, 0x4C, 0x53, 0x47]
    static let version: UInt8 = 1
    private static let footerBytes = 24
    /// Directories are far below this; a larger one is damage.
    private static let maxDirectoryBytes = 1 << 28

    /// The file, wherever it lies.
    let data: any ReadableFile
    /// What it stands for.
    let span: SegmentSpan
    /// Unix seconds.
    let firstAppend: Int64
    /// Unix seconds of the last append: what retention counts from.
    let lastAppend: Int64
    let directory: SegmentDirectory
    /// Streams in it.
    let streamCount: Int
    /// Blocks in it.
    let blockCount: Int
    /// Nanoseconds of its first and its last line.
    let minTime: Int64
    let maxTime: Int64
    /// Bytes of lines and metadata sets, decoded.
    let rawBytes: Int
    /// Its size on disk.
    let size: Int64

    var path: String { data.path }

    /// The day whose end makes it past: that of its last line, or of when that was received where that is earlier.
    var day: Int64 { min(maxTime, LogRetention.nanoseconds(lastAppend)).flooredDay }

    /// Reads the directory of the file at `path`. Throws when it is damaged.
    init(_ path: String, in files: FilePool, memory: DirectoryMemory?) throws {
        try self.init(files.file(path), memory: memory)
    }

    /// Reads the directory of a file, wherever it lies. Throws when it is damaged, or cannot be read. The directory stays in
    /// memory as long as `memory` has room for it, or without one as long as the file is in use.
    init(_ file: any ReadableFile, memory: DirectoryMemory? = nil) throws {
        let size = try file.size()
        let (stored, firstAppend, lastAppend, parts) = try Self.read(file, size: size)
        data = file
        self.size = size
        // The name says what the content cannot: that it came in the place of another file.
        let revision = TenantLogs.segmentFiles.span(of: FilePath.name(of: file.path))?.revision ?? 0
        span = SegmentSpan(first: stored.first, last: stored.last, revision: revision)
        self.firstAppend = firstAppend
        self.lastAppend = lastAppend
        var (minTime, maxTime, rawBytes, blockCount) = (Int64.max, Int64.min, 0, 0)
        for part in parts {
            for block in part.blocks {
                minTime = min(minTime, block.minTime)
                maxTime = max(maxTime, block.maxTime)
                rawBytes += block.rawBytes
            }
            blockCount += part.blocks.count
        }
        (self.minTime, self.maxTime, self.rawBytes) = (minTime, maxTime, rawBytes)
        (streamCount, self.blockCount) = (parts.count, blockCount)
        directory = SegmentDirectory(file, parts, memory: memory)
    }

    /// The streams of a file with their blocks, read from its directory.
    static func parts(of file: any ReadableFile) throws -> [Part] { try read(file, size: file.size()).parts }

    private static func read(
        _ file: any ReadableFile, size: Int64
    ) throws -> (span: SegmentSpan, firstAppend: Int64, lastAppend: Int64, parts: [Part]) {
        let (directory, offset) = try Self.directory(file, size: size)
        defer { directory.keep() }
        var parts: [Part] = []
        var front: (SegmentSpan, Int64, Int64) = (SegmentSpan(first: 0, last: 0), 0, 0)
        try directory.bytes.withMemoryRebound(to: UInt8.self) { bytes in
            var cursor = ByteCursor(UnsafeRawBufferPointer(bytes))
            let first = Int(clamping: try cursor.uvarint())
            let last = Int(clamping: try cursor.uvarint())
            guard first <= last else { throw LogStorageError.corruptSegment("it stands for nothing") }
            front = (SegmentSpan(first: first, last: last), try cursor.varint(), try cursor.varint())
            var position = Int64(Self.magic.count + 1)
            for _ in 0..<(try cursor.uvarint()) {
                parts.append(try Self.part(&cursor, file, position: &position))
            }
            guard cursor.isAtEnd, position == offset else {
                throw LogStorageError.corruptSegment("its directory and its blocks are not of the same length")
            }
        }
        return (front.0, front.1, front.2, parts)
    }

    private static func directory(_ file: any ReadableFile, size: Int64) throws -> (RawMemory, offset: Int64) {
        guard size >= Int64(magic.count + 1 + footerBytes) else {
            throw LogStorageError.corruptSegment("it ends early")
        }
        let front = try file.read(count: magic.count + 1, at: 0)
        guard front == magic + [version] else {
            throw LogStorageError.corruptSegment("it begins with \(front), which this version does not know")
        }
        let footer = try file.read(count: footerBytes, at: size - Int64(footerBytes))
        return try footer.withUnsafeBytes { footer in
            var cursor = ByteCursor(footer)
            let offset = Int64(clamping: try cursor.u64LE())
            let packed = Int(try cursor.u32LE())
            let unpacked = Int(try cursor.u32LE())
            let checksum = try cursor.u32LE()
            guard cursor.rest.elementsEqual(magic), unpacked <= maxDirectoryBytes, offset <= size,
                offset + Int64(packed + footerBytes) == size
            else { throw LogStorageError.corruptSegment("its footer contradicts itself") }
            let bytes = try file.read(count: packed, at: offset)
            let found = bytes.withUnsafeBytes { bytes in
                CRC32C.checksum(UnsafeRawBufferPointer(rebasing: footer[..<16]), seed: CRC32C.checksum(bytes))
            }
            guard found == checksum else { throw LogStorageError.corruptSegment("its checksum does not match") }
            let memory = RawMemory(unpacked)
            try bytes.withUnsafeBytes {
                try Zstd.decompress($0, into: UnsafeMutableRawBufferPointer(start: memory.base, count: unpacked))
            }
            return (memory, offset)
        }
    }

    private static func part(
        _ cursor: inout ByteCursor, _ file: any ReadableFile, position: inout Int64
    ) throws -> Part {
        guard let labels = Labels(validating: [UInt8](try cursor.uvarintBytes())) else {
            throw LogStorageError.corruptSegment("the labels of a stream are not canonical")
        }
        var blocks: [LogBlock] = []
        for _ in 0..<(try cursor.uvarint()) {
            let count = Int(clamping: try cursor.uvarint())
            guard count <= BlockHeader.maxRawBytes else { throw LogStorageError.corruptSegment("a block is too long") }
            let header = try BlockHeader(&cursor)
            blocks.append(LogBlock(header: header, place: .file(file, offset: position, count: count)))
            position += Int64(count)
        }
        return Part(labels: labels, blocks: blocks)
    }

    /// Whether lines may lie in a range of time.
    func overlaps(_ range: ClosedRange<Int64>) -> Bool { minTime <= range.upperBound && maxTime >= range.lowerBound }

    /// Whether it may have lines that are deleted.
    func isConcerned(by deletions: [LogDeletion]) throws -> Bool {
        let near = deletions.filter { $0.start <= maxTime && $0.end >= minTime }
        guard !near.isEmpty else { return false }
        return try directory.parts().contains { part in
            near.contains { deletion in
                deletion.concerns(part.labels, .min, .max)
                    && part.blocks.contains { $0.minTime <= deletion.end && $0.maxTime >= deletion.start }
            }
        }
    }
}
