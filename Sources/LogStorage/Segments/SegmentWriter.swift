import Compression
import Durable
import MartletCore

/// Writes a segment file, stream by stream, without holding more than a block of it. It appears under its name when all
/// of it is on disk, or not at all.
struct SegmentWriter {
    private let path: String
    private let fileSystem: any FileSystem
    private let files: FilePool
    private let memory: DirectoryMemory
    private let file: any File
    private var position: Int64 = 0
    private var directory = ByteWriter()
    private var streams = 0
    private let span: SegmentSpan
    private let firstAppend: Int64
    private let lastAppend: Int64

    /// Whether no stream was added.
    var isEmpty: Bool { streams == 0 }

    private var temporary: String { path + AtomicFile.temporarySuffix }

    init(
        directory: String, span: SegmentSpan, firstAppend: Int64, lastAppend: Int64, on fileSystem: any FileSystem,
        in files: FilePool, memory: DirectoryMemory
    ) throws {
        path = FilePath.join(directory, TenantLogs.segmentFiles.name(of: span))
        self.span = span
        self.firstAppend = firstAppend
        self.lastAppend = lastAppend
        self.fileSystem = fileSystem
        self.files = files
        self.memory = memory
        file = try fileSystem.open(path + AtomicFile.temporarySuffix, .truncate)
        try write(SegmentFile.magic + [SegmentFile.version])
    }

    /// Adds a stream with its blocks, by time. Streams come in the order of their labels.
    mutating func add(_ labels: Labels, _ blocks: [LogBlock]) throws {
        labels.bytes.withUnsafeBytes { directory.uvarintBytes($0) }
        directory.uvarint(UInt64(blocks.count))
        for block in blocks {
            try block.withBytes { bytes in
                directory.uvarint(UInt64(bytes.count))
                try file.write(bytes, at: position)
                position += Int64(bytes.count)
            }
            block.header.write(to: &directory)
        }
        streams += 1
    }

    /// Writes the directory, syncs the file and gives it its name.
    mutating func publish() throws -> SegmentFile {
        do {
            try writeDirectory()
            try file.sync()
            try fileSystem.rename(temporary, to: path)
        } catch {
            discard()
            throw error
        }
        do {
            try fileSystem.syncDirectory(FilePath.parent(of: path))
            return try SegmentFile(path, in: files, memory: memory)
        } catch {
            // The next start must not find what nobody has gone on with.
            try? fileSystem.unlink(path)
            throw error
        }
    }

    /// Removes what was written.
    func discard() {
        // A left-over is harmless, and removed at the next start.
        try? fileSystem.unlink(temporary)
    }

    private mutating func writeDirectory() throws {
        var front = ByteWriter()
        front.uvarint(UInt64(span.first))
        front.uvarint(UInt64(span.last))
        front.varint(firstAppend)
        front.varint(lastAppend)
        front.uvarint(UInt64(streams))
        front.append(directory.bytes)
        let packed = try front.bytes.withUnsafeBytes { try Zstd.compress($0, level: 3) }
        var footer = ByteWriter()
        footer.u64LE(UInt64(position))
        footer.u32LE(UInt32(packed.count))
        footer.u32LE(UInt32(front.count))
        let checksum = packed.withUnsafeBytes { packed in
            footer.bytes.withUnsafeBytes { CRC32C.checksum($0, seed: CRC32C.checksum(packed)) }
        }
        footer.u32LE(checksum)
        footer.append(SegmentFile.magic)
        try write(packed)
        try write(footer.bytes)
    }

    private mutating func write(_ bytes: [UInt8]) throws {
        try file.write(bytes, at: position)
        position += Int64(bytes.count)
    }
}
