import Durable
import MartletCore

/// The chunk segments of a block, mapped for reading (see `ChunkSegmentWriter` for the layout).
///
/// Every read is checked against the length of the map and the chunk's checksum.
struct ChunkSegments: Sendable {
    /// Bytes that are read at a time where a chunk's length is not known yet: more than most chunks have.
    private static let usualBytes = 4096

    private let directory: String
    private let segments: [MappedFile]
    private let source: (any ChunkSource)?
    /// Bytes of all files.
    let byteCount: Int
    /// Whether there is no file.
    var isEmpty: Bool { segments.isEmpty }

    /// Opens the segments in a directory; with a source, files that have their size and get their bytes from there.
    init(
        _ directory: String, from source: (any ChunkSource)? = nil, on fileSystem: any FileSystem
    ) throws(DurableError) {
        self.directory = directory
        self.source = source
        var segments: [MappedFile] = []
        let names = try fileSystem.list(directory).filter { $0.utf8.allSatisfy { (48...57).contains($0) } }
        for (index, name) in names.enumerated() {
            let path = FilePath.join(directory, name)
            guard name == ChunkSegmentWriter.name(index) else {
                throw DurableError(
                    .corrupt, path: path, operation: "open block",
                    message: "the segment before it, \(ChunkSegmentWriter.name(index)), is missing")
            }
            let file = try fileSystem.map(path)
            try source?.load(index, [0..<ChunkSegmentWriter.headerSize])
            let header = file.withBytes { Array($0.prefix(ChunkSegmentWriter.headerSize)) }
            guard header.starts(with: ChunkSegmentWriter.magic + [ChunkSegmentWriter.version]) else {
                throw DurableError(
                    .corrupt, path: path, operation: "open block", offset: 0,
                    message: "this is no chunk segment of version 1")
            }
            segments.append(file)
        }
        self.segments = segments
        byteCount = segments.reduce(0) { $0 + $1.count }
    }

    /// Fails when some of a file cannot be had: to be called before reading, so that the error says so.
    func verify() throws(DurableError) {
        for segment in segments { try segment.verify() }
    }

    /// Lets go of what was read.
    func letGoOfPages() { for segment in segments { segment.letGoOfPages() } }

    /// Makes chunks readable that a source has: to be called before reading them.
    func load(_ refs: [UInt64]) throws(DurableError) {
        guard let source else { return }
        var ranges: [Int: [Range<Int>]] = [:]
        for ref in refs {
            let offset = Int(ref & 0xFFFF_FFFF)
            ranges[Int(ref >> 32), default: []].append(offset..<offset + Self.usualBytes)
        }
        for (segment, ranges) in ranges { try source.load(segment, ranges) }
        // Now that the lengths are there: the rest of those that are longer.
        ranges = [:]
        for ref in refs {
            let (segment, offset) = (Int(ref >> 32), Int(ref & 0xFFFF_FFFF))
            guard segment < segments.count else { continue }
            let length = segments[segment].withBytes { bytes in
                var cursor = ByteCursor(bytes, offset: min(offset, bytes.count))
                return (try? cursor.uvarint()).map { Int(clamping: $0) } ?? 0
            }
            // Beyond this a length is damage, which reading reports.
            guard length > Self.usualBytes - 16, length < 1 << 30 else { continue }
            ranges[segment, default: []].append(offset..<offset + length + 16)
        }
        for (segment, ranges) in ranges { try source.load(segment, ranges) }
    }

    /// Gives encoding and data of a chunk to `body`.
    @inline(__always)
    func withChunk<R>(
        _ ref: UInt64, _ body: (UInt8, UnsafeRawBufferPointer) throws(DurableError) -> R
    ) throws(DurableError) -> R {
        let segment = Int(ref >> 32)
        let offset = Int(ref & 0xFFFF_FFFF)
        guard segment < segments.count else {
            throw corrupt(ref, "the index names segment \(segment + 1), which is not there")
        }
        return try segments[segment].withBytes { (bytes: UnsafeRawBufferPointer) throws(DurableError) -> R in
            guard offset >= ChunkSegmentWriter.headerSize, offset < bytes.count else {
                throw corrupt(ref, "the index names a place outside the segment")
            }
            var position = offset
            var length = 0
            var shift = 0
            while true {
                guard position < bytes.count, shift < 35 else { throw corrupt(ref, "the chunk's length is broken") }
                let byte = bytes[position]
                position += 1
                length |= Int(byte & 0x7F) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            guard length <= bytes.count - position - 5 else { throw corrupt(ref, "the chunk is cut off") }
            let checked = UnsafeRawBufferPointer(rebasing: bytes[position..<position + 1 + length])
            let stored = bytes.loadUnaligned(fromByteOffset: position + 1 + length, as: UInt32.self)
            guard CRC32C.checksum(checked) == UInt32(bigEndian: stored) else {
                throw corrupt(ref, "the chunk's checksum is wrong")
            }
            return try body(checked[0], UnsafeRawBufferPointer(rebasing: checked[1...]))
        }
    }

    /// The error of a chunk whose encoding this version does not decode.
    func unreadable(_ ref: UInt64, _ encoding: UInt8) -> DurableError {
        corrupt(ref, "chunk encoding \(encoding) is not supported")
    }

    /// The error of a chunk that does not hold what it must.
    func corrupt(_ ref: UInt64, _ reason: String) -> DurableError {
        DurableError(
            .corrupt, path: FilePath.join(directory, ChunkSegmentWriter.name(Int(ref >> 32))), operation: "read chunk",
            offset: Int64(ref & 0xFFFF_FFFF), message: reason)
    }
}
