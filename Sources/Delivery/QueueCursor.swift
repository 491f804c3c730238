import Durable
import MartletCore

/// How far a queue has been delivered, on disk: the file `cursor` with two slots that are written in turn, so that one of them
/// is whole at any time. It is not synced: after a power loss an older place is found, and a few payloads are sent again.
///
/// Slot, 40 bytes, little endian: "MTLQCUR1", sequence (64 bit), segment (64 bit), offset (64 bit), four zero bytes, CRC32C of
/// the 36 bytes before it.
struct QueueCursor {
    private static let magic = Array("MTLQCUR1".utf8)
    private static let slotBytes = 40

    private let file: any File
    private var sequence: UInt64 = 0
    /// Behind the last delivered record.
    private(set) var position = RecordPosition(segment: 0, offset: 0)

    /// Opens or creates the file in `directory`; unreadable slots count as absent.
    init(_ directory: String, on fileSystem: any FileSystem) throws(DurableError) {
        file = try fileSystem.open(FilePath.join(directory, "cursor"), .create)
        for slot in 0..<2 {
            let bytes = try file.read(count: Self.slotBytes, at: Int64(slot * Self.slotBytes))
            guard let (sequence, position) = Self.decode(bytes), sequence > self.sequence else { continue }
            self.sequence = sequence
            self.position = position
        }
    }

    /// Moves the place and writes it to the older slot.
    mutating func move(to position: RecordPosition) throws(DurableError) {
        let next = sequence + 1
        try file.write(Self.encode(next, position), at: Int64(next % 2) * Int64(Self.slotBytes))
        sequence = next
        self.position = position
    }

    /// Moves the place for good: every older one would be wrong from here on. Both slots take it and are synced.
    mutating func reset(to position: RecordPosition) throws(DurableError) {
        for _ in 0..<2 { try move(to: position) }
        try file.sync()
    }

    private static func encode(_ sequence: UInt64, _ position: RecordPosition) -> [UInt8] {
        var writer = ByteWriter(magic)
        writer.u64LE(sequence)
        writer.u64LE(UInt64(position.segment))
        writer.u64LE(UInt64(position.offset))
        writer.zeros(4)
        writer.u32LE(writer.bytes.withUnsafeBytes { CRC32C.checksum($0) })
        return writer.bytes
    }

    private static func decode(_ bytes: [UInt8]) -> (UInt64, RecordPosition)? {
        bytes.withUnsafeBytes { buffer in
            guard buffer.count == slotBytes, buffer.starts(with: magic) else { return nil }
            var cursor = ByteCursor(buffer, offset: magic.count)
            guard let sequence = try? cursor.u64LE(), let segment = try? cursor.u64LE(),
                let offset = try? cursor.u64LE(),
                (try? cursor.skip(4)) != nil, let stored = try? cursor.u32LE(),
                stored == CRC32C.checksum(UnsafeRawBufferPointer(rebasing: buffer.dropLast(4))),
                let segment = Int(exactly: segment), let offset = Int64(exactly: offset)
            else { return nil }
            return (sequence, RecordPosition(segment: segment, offset: offset))
        }
    }
}
