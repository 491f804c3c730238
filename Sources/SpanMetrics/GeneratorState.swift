import Durable
import MartletCore

/// What one tenant's generator has counted, as a file: counters go on where the process before has left them. It is published
/// before a collection is written to the log, so that no reader ever sees a count that is less than one before
/// (docs/formats/span-metrics-state.md).
///
///     magic "MSMS" | version u32 = 1 | collection's time i64 | tables u32 | table* | CRC32C
///     table:  fingerprint u64 | numbers, natives of an entity: u32 each | entities u32 | entity*
///     entity: is the one beyond the limit u8 | updated i64 | uvarint length, key | f64 numbers* | native*
///     native: varint schema | uvarint count, zero count | f64 sum | varint first | uvarint buckets, uvarint count*
struct GeneratorState {
    struct Entity: Hashable {
        var isOverflow: Bool
        var updatedMs: Int64
        var key: [UInt8]
        var values: [Double]
        var natives: [NativeBuckets]
    }

    struct Table: Hashable {
        var fingerprint: UInt64
        var entities: [Entity]
    }

    /// Why a file is not a state.
    enum Damage: Error, CustomStringConvertible {
        case malformed(String)

        var description: String {
            switch self {
            case .malformed(let what): what
            }
        }
    }

    static let fileName = "span-metrics"
    private static let magic: UInt32 = 0x4D53_4D53
    private static let version: UInt32 = 1

    var timeMs: Int64
    var tables: [Table]

    static func encode(_ tables: [MetricTable], timeMs: Int64) -> [UInt8] {
        var writer = ByteWriter()
        writer.u32BE(magic)
        writer.u32BE(version)
        writer.u64BE(UInt64(bitPattern: timeMs))
        writer.u32BE(UInt32(tables.count))
        for table in tables { encode(table, to: &writer) }
        writer.u32BE(writer.bytes.withUnsafeBytes { CRC32C.checksum($0) })
        return writer.bytes
    }

    private static func encode(_ table: MetricTable, to writer: inout ByteWriter) {
        let shape = table.shape
        let nativesEach = shape.mode.hasNative ? shape.histograms.count : 0
        let entities = table.keys.indices.filter { $0 != MetricTable.overflow || table.hasOverflowed }
        writer.u64BE(shape.fingerprint)
        writer.u32BE(UInt32(shape.stride))
        writer.u32BE(UInt32(nativesEach))
        writer.u32BE(UInt32(entities.count))
        for entity in entities {
            writer.u8(entity == MetricTable.overflow ? 1 : 0)
            writer.u64BE(UInt64(bitPattern: table.updated[entity]))
            table.keys[entity].withUnsafeBytes { writer.uvarintBytes($0) }
            for place in entity * shape.stride..<(entity + 1) * shape.stride {
                writer.u64BE(table.values[place].bitPattern)
            }
            for place in entity * nativesEach..<(entity + 1) * nativesEach {
                let native = table.natives[place]
                writer.varint(Int64(native.schema))
                writer.uvarint(native.count)
                writer.uvarint(native.zeroCount)
                writer.u64BE(native.sum.bitPattern)
                writer.varint(Int64(native.first))
                writer.uvarint(UInt64(native.counts.count))
                for count in native.counts { writer.uvarint(count) }
            }
        }
    }

    init(decoding bytes: [UInt8]) throws(Damage) {
        guard bytes.count >= 24 else { throw .malformed("it ends early") }
        let body = bytes.count - 4
        let (stored, actual) = bytes.withUnsafeBytes { buffer in
            (
                UInt32(bigEndian: buffer.loadUnaligned(fromByteOffset: body, as: UInt32.self)),
                CRC32C.checksum(UnsafeRawBufferPointer(rebasing: buffer[..<body]))
            )
        }
        guard stored == actual else { throw .malformed("its checksum is wrong") }
        let state = bytes.withUnsafeBytes { buffer -> Result<GeneratorState, Damage> in
            var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: buffer[..<body]))
            do throws(ByteCursorError) {
                guard try cursor.u32BE() == Self.magic else { return .failure(.malformed("it is another file")) }
                let version = try cursor.u32BE()
                guard version == Self.version else {
                    return .failure(.malformed("version \(version) is not known, only \(Self.version)"))
                }
                let timeMs = Int64(bitPattern: try cursor.u64BE())
                var tables: [Table] = []
                for _ in 0..<(try cursor.u32BE()) { tables.append(try Self.table(&cursor)) }
                return .success(GeneratorState(timeMs: timeMs, tables: tables))
            } catch {
                return .failure(.malformed("it ends early"))
            }
        }
        self = try state.get()
    }

    private init(timeMs: Int64, tables: [Table]) {
        self.timeMs = timeMs
        self.tables = tables
    }

    private static func table(_ cursor: inout ByteCursor) throws(ByteCursorError) -> Table {
        var table = Table(fingerprint: try cursor.u64BE(), entities: [])
        let (numbers, natives, entities) = (try cursor.u32BE(), try cursor.u32BE(), try cursor.u32BE())
        for _ in 0..<entities {
            var entity = Entity(
                isOverflow: try cursor.u8() == 1, updatedMs: Int64(bitPattern: try cursor.u64BE()),
                key: Array(try cursor.uvarintBytes()), values: [], natives: [])
            for _ in 0..<numbers { entity.values.append(Double(bitPattern: try cursor.u64BE())) }
            for _ in 0..<natives { entity.natives.append(try native(&cursor)) }
            table.entities.append(entity)
        }
        return table
    }

    private static func native(_ cursor: inout ByteCursor) throws(ByteCursorError) -> NativeBuckets {
        let schema = Int32(clamping: try cursor.varint())
        let (count, zeroCount) = (try cursor.uvarint(), try cursor.uvarint())
        let sum = Double(bitPattern: try cursor.u64BE())
        let first = Int32(clamping: try cursor.varint())
        var counts: [UInt64] = []
        for _ in 0..<(try cursor.uvarint()) { counts.append(try cursor.uvarint()) }
        return NativeBuckets(schema: schema, count: count, zeroCount: zeroCount, sum: sum, first: first, counts: counts)
    }
}
