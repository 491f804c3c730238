import Durable
import MartletCore

/// Writes a block's chunks into numbered segments:
///
///     85BD40DD | version 1 | 3 zero bytes | {uvarint length | encoding u8 | data | CRC32C(encoding, data) u32 BE}*
///
/// Source: Prometheus' tsdb/docs/format/chunks.md.
struct ChunkSegmentWriter {
    static let magic: [UInt8] = [0x85, 0xBD, 0x40, 0xDD]
    static let version: UInt8 = 1
    static let headerSize = 8
    static let defaultSegmentBytes = 512 << 20

    private let directory: String
    private let fileSystem: any FileSystem
    private let segmentBytes: Int
    private var segment = 0
    private var current: SequentialFile?
    private var entry = ByteWriter()

    /// A writer into `directory`, which must exist and be empty.
    init(
        _ directory: String, segmentBytes: Int = Self.defaultSegmentBytes, on fileSystem: any FileSystem
    ) {
        self.directory = directory
        self.segmentBytes = segmentBytes
        self.fileSystem = fileSystem
    }

    /// The name of a segment's file, counting from 0.
    static func name(_ segment: Int) -> String {
        let digits = String(segment + 1)
        return String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
    }

    /// Appends a chunk and gives its reference.
    mutating func add(_ encoding: UInt8, _ data: UnsafeRawBufferPointer) throws(DurableError) -> UInt64 {
        entry.bytes.removeAll(keepingCapacity: true)
        entry.uvarint(UInt64(data.count))
        let start = entry.count
        entry.u8(encoding)
        entry.append(data)
        let checksum = entry.bytes.withUnsafeBytes {
            CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[start...]))
        }
        entry.u32BE(checksum)
        if let full = current, full.count + entry.count > segmentBytes { try finishSegment() }
        if current == nil { current = try open() }
        let ref = UInt64(segment) << 32 | UInt64(current?.count ?? 0)
        try current?.append(entry.bytes)
        return ref
    }

    /// Syncs the last segment and the directory.
    mutating func finish() throws(DurableError) {
        try finishSegment()
        try fileSystem.syncDirectory(directory)
    }

    private mutating func open() throws(DurableError) -> SequentialFile {
        var file = try SequentialFile(FilePath.join(directory, Self.name(segment)), on: fileSystem)
        try file.append(Self.magic + [Self.version, 0, 0, 0])
        return file
    }

    private mutating func finishSegment() throws(DurableError) {
        guard var file = current else { return }
        try file.finish()
        current = nil
        segment += 1
    }
}
