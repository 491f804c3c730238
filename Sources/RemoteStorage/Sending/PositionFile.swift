package import Durable
import MartletCore

/// The file that says how far a queue has come, through restarts. It is written over in place with every request, twice over:
/// what a power loss tears is one of two slots, and the other one counts then (docs/formats/remote-write-position.md).
///
///     slot: magic "MRWP" | version u32 = 1 | number u64 | acknowledged: segment u64, offset u64 | handed out: the same | CRC32C
package struct PositionFile: Sendable {
    /// What a queue comes back to.
    package struct Content: Sendable, Hashable {
        /// All before it was sent, or given up.
        package var acknowledged: RecordPosition
        /// Nothing behind it was ever in a request.
        package var handedOut: RecordPosition

        /// A queue's position.
        package init(acknowledged: RecordPosition, handedOut: RecordPosition) {
            self.acknowledged = acknowledged
            self.handedOut = handedOut
        }
    }

    /// Bytes of one of the two slots.
    package static let slotSize = 64
    private static let magic: UInt32 = 0x4D52_5750
    private static let version: UInt32 = 1

    private let file: any File
    private var number: UInt64 = 0
    /// What was there when the file was opened; nil when there was nothing sound.
    package let found: Content?
    /// Whether something was there, and nothing of it sound.
    package let isDamaged: Bool

    /// Opens or makes the file.
    package init(_ path: String, on fileSystem: any FileSystem) throws(DurableError) {
        file = try fileSystem.open(path, .create)
        let bytes = try file.read(count: 2 * Self.slotSize, at: 0)
        var newest: (number: UInt64, content: Content)?
        for slot in 0..<2 {
            let start = slot * Self.slotSize
            guard bytes.count >= start + Self.slotSize else { break }
            guard let candidate = Self.decode(Array(bytes[start..<start + Self.slotSize])) else { continue }
            if candidate.number >= newest?.number ?? 0 { newest = candidate }
        }
        number = newest?.number ?? 0
        found = newest?.content
        // A power loss may leave a length without content.
        isDamaged = newest == nil && bytes.contains { $0 != 0 }
        try fileSystem.syncDirectory(FilePath.parent(of: path))
    }

    /// Writes what counts from now on. It survives the death of the process, and power loss once synced.
    package mutating func save(_ content: Content) throws(DurableError) {
        number += 1
        var writer = ByteWriter()
        writer.u32BE(Self.magic)
        writer.u32BE(Self.version)
        writer.u64BE(number)
        for position in [content.acknowledged, content.handedOut] {
            writer.u64BE(UInt64(position.segment))
            writer.u64BE(UInt64(position.offset))
        }
        let checksum = writer.bytes.withUnsafeBytes { CRC32C.checksum($0) }
        writer.u32BE(checksum)
        writer.bytes.append(contentsOf: repeatElement(0, count: Self.slotSize - writer.count))
        try file.write(writer.bytes, at: Int64(Int(number % 2) * Self.slotSize))
    }

    /// Makes what was saved survive power loss.
    package func sync() throws(DurableError) { try file.syncData() }

    private static func decode(_ slot: [UInt8]) -> (number: UInt64, content: Content)? {
        slot.withUnsafeBytes { buffer in
            var cursor = ByteCursor(buffer)
            guard let magic = try? cursor.u32BE(), magic == Self.magic, let version = try? cursor.u32BE(),
                version == Self.version, let number = try? cursor.u64BE(),
                let acknowledged = position(&cursor), let handedOut = position(&cursor)
            else { return nil }
            let checksum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: buffer[..<cursor.offset]))
            guard let stored = try? cursor.u32BE(), stored == checksum else { return nil }
            return (number, Content(acknowledged: acknowledged, handedOut: handedOut))
        }
    }

    private static func position(_ cursor: inout ByteCursor) -> RecordPosition? {
        guard let segment = try? cursor.u64BE(), let offset = try? cursor.u64BE(),
            let number = Int(exactly: segment), let place = Int64(exactly: offset)
        else { return nil }
        return RecordPosition(segment: number, offset: place)
    }
}
