import Compression
import MartletCore

/// Sealed entries of one stream, compressed; never changed.
///
/// Bytes (all in one run, as they will lie in a segment file): magic `4D 4C 47 42` ("MLGB"), version 1; uvarints: entries,
/// metadata sets, bytes of the packed columns, bytes of the lines; u32 (LE) compressed size of the columns; the columns
/// (zstd): varint time deltas, uvarint line lengths, uvarint set ids, uvarint set lengths, sets; the lines (zstd); CRC32C
/// (LE) of everything before.
final class LogBlock: Sendable {
    private static let magic: [UInt8] = [0x4D, 0x4C, 0x47, 0x42, 1]
    /// Blocks are sealed far below this; a larger one is damage.
    private static let maxRawBytes = 1 << 30

    let minTime: Int64
    let maxTime: Int64
    let count: Int
    /// Bytes of lines and metadata sets, decoded.
    let rawBytes: Int
    let bytes: [UInt8]

    /// Seals `columns`, which are not empty.
    init(_ columns: LogColumns) throws(CompressionError) {
        let columns = columns.normalized()
        minTime = columns.minTime
        maxTime = columns.maxTime
        count = columns.count
        rawBytes = columns.rawBytes
        var packed = ByteWriter()
        packed.bytes.reserveCapacity(columns.count * 6 + columns.setBytes.count)
        var previous: Int64 = 0
        for time in columns.timestamps {
            packed.varint(time &- previous)
            previous = time
        }
        Self.appendLengths(columns.lineEnds, to: &packed)
        for id in columns.metadataIDs { packed.uvarint(UInt64(id)) }
        Self.appendLengths(columns.setEnds, to: &packed)
        packed.append(columns.setBytes)
        var writer = ByteWriter(Self.magic)
        writer.uvarint(UInt64(columns.count))
        writer.uvarint(UInt64(columns.setEnds.count))
        writer.uvarint(UInt64(packed.count))
        writer.uvarint(UInt64(columns.lines.count))
        let columnBytes = try Self.compress(packed.bytes)
        let lineBytes = try Self.compress(columns.lines)
        writer.bytes.reserveCapacity(writer.count + columnBytes.count + lineBytes.count + 8)
        writer.u32LE(UInt32(columnBytes.count))
        writer.append(columnBytes)
        writer.append(lineBytes)
        writer.u32LE(writer.bytes.withUnsafeBytes { CRC32C.checksum($0) })
        bytes = writer.bytes
    }

    private static func appendLengths(_ ends: [UInt32], to writer: inout ByteWriter) {
        var previous: UInt32 = 0
        for end in ends {
            writer.uvarint(UInt64(end &- previous))
            previous = end
        }
    }

    private static func compress(_ bytes: [UInt8]) throws(CompressionError) -> [UInt8] {
        try bytes.withUnsafeBufferPointer { (raw) throws(CompressionError) -> [UInt8] in
            try Zstd.compress(UnsafeRawBufferPointer(raw), level: 1)
        }
    }

    /// The entries, by time; without `lines`, of the lines only where they would end.
    func decode(lines wantsLines: Bool) throws -> LogColumns { try Self.decode(bytes, lines: wantsLines) }

    /// The entries in a block's bytes, checked against checksum and format.
    static func decode(_ bytes: [UInt8], lines wantsLines: Bool) throws -> LogColumns {
        try bytes.withUnsafeBytes { raw in
            guard raw.count >= magic.count + 8, raw.prefix(magic.count).elementsEqual(magic) else {
                throw LogStorageError.corruptBlock("no block begins here")
            }
            let body = UnsafeRawBufferPointer(rebasing: raw[..<(raw.count - 4)])
            var tail = ByteCursor(raw, offset: body.count)
            guard try tail.u32LE() == CRC32C.checksum(body) else {
                throw LogStorageError.corruptBlock("the checksum does not match")
            }
            var cursor = ByteCursor(body, offset: magic.count)
            let count = try size(&cursor)
            let sets = try size(&cursor)
            let packedSize = try size(&cursor)
            let lineSize = try size(&cursor)
            let columnBytes = try cursor.bytes(Int(cursor.u32LE()))
            let packed = try Zstd.decompress(columnBytes, limit: packedSize)
            let lines = wantsLines ? try Zstd.decompress(cursor.rest, limit: lineSize) : []
            guard lines.count == (wantsLines ? lineSize : 0), count <= packedSize, sets <= packedSize + 1 else {
                throw LogStorageError.corruptBlock("the counts contradict the content")
            }
            return try packed.withUnsafeBytes {
                try columns($0, count: count, sets: sets, lines: lines, lineSize: lineSize)
            }
        }
    }

    private static func size(_ cursor: inout ByteCursor) throws -> Int {
        let value = try cursor.uvarint()
        guard value <= UInt64(maxRawBytes) else { throw LogStorageError.corruptBlock("a size of \(value)") }
        return Int(value)
    }

    private static func columns(
        _ packed: UnsafeRawBufferPointer, count: Int, sets: Int, lines: [UInt8], lineSize: Int
    ) throws -> LogColumns {
        var cursor = ByteCursor(packed)
        var timestamps: [Int64] = []
        timestamps.reserveCapacity(count)
        var time: Int64 = 0
        for _ in 0..<count {
            time = time &+ (try cursor.varint())
            timestamps.append(time)
        }
        let lineEnds = try ends(&cursor, count: count, total: lineSize)
        var ids: [UInt32] = []
        ids.reserveCapacity(count)
        for _ in 0..<count {
            let id = try cursor.uvarint()
            guard id < UInt64(sets) else { throw LogStorageError.corruptBlock("a metadata id of \(id)") }
            ids.append(UInt32(id))
        }
        let setEnds = try ends(&cursor, count: sets, total: nil)
        let setBytes = [UInt8](try cursor.bytes(Int(setEnds.last ?? 0)))
        return LogColumns(
            timestamps: timestamps, lines: lines, lineEnds: lineEnds, metadataIDs: ids, setBytes: setBytes,
            setEnds: setEnds)
    }

    private static func ends(_ cursor: inout ByteCursor, count: Int, total: Int?) throws -> [UInt32] {
        var ends: [UInt32] = []
        ends.reserveCapacity(count)
        var end: UInt64 = 0
        for _ in 0..<count {
            end += try cursor.uvarint()
            guard end <= UInt64(maxRawBytes) else { throw LogStorageError.corruptBlock("a length of \(end)") }
            ends.append(UInt32(end))
        }
        if let total, end != UInt64(total) { throw LogStorageError.corruptBlock("lengths do not add up") }
        return ends
    }
}
