import MartletCore

/// A record of the store's log: one export request as it was accepted.
///
/// Layout, version 1: the bytes `MTR`, the version, the arrival in Unix nanoseconds (64 bits, little-endian), the number of
/// refused spans (uvarint), their ordinals in the request as differences (uvarint each), then the request in OTLP protobuf.
/// The log's framing adds the checksum.
struct TraceRecord {
    static let magic: [UInt8] = Array("MTR".utf8)
    static let version: UInt8 = 1

    let arrival: UInt64
    /// Ascending ordinals of the spans that were refused.
    let rejected: [Int]
    /// The encoded request; it lives as long as the bytes it was read from.
    let request: UnsafeRawBufferPointer

    static func encode(_ request: UnsafeRawBufferPointer, arrival: UInt64, rejected: [Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(request.count + 32 + rejected.count * 2)
        var writer = ByteWriter(bytes)
        bytes = []
        writer.append(magic)
        writer.u8(version)
        writer.u64LE(arrival)
        writer.uvarint(UInt64(rejected.count))
        var previous = 0
        for ordinal in rejected {
            writer.uvarint(UInt64(ordinal - previous))
            previous = ordinal
        }
        writer.append(request)
        return writer.bytes
    }

    init(decoding bytes: UnsafeRawBufferPointer) throws(TraceStoreError) {
        var cursor = ByteCursor(bytes)
        let head = Self.read { () throws(ByteCursorError) in (try cursor.bytes(Self.magic.count), try cursor.u8()) }
        guard let head, head.0.elementsEqual(Self.magic) else { throw .corruptRecord("it does not begin with \"MTR\"") }
        guard head.1 == Self.version else {
            throw .corruptRecord("version \(head.1) is not known, only \(Self.version)")
        }
        let counts = Self.read { () throws(ByteCursorError) in (try cursor.u64LE(), try cursor.uvarint()) }
        guard let counts, counts.1 <= UInt64(cursor.remaining) else { throw .corruptRecord("it ends early") }
        var rejected: [Int] = []
        var previous: UInt64 = 0
        for _ in 0..<counts.1 {
            guard let difference = Self.read({ () throws(ByteCursorError) in try cursor.uvarint() }) else {
                throw .corruptRecord("it ends early")
            }
            let sum = previous.addingReportingOverflow(difference)
            guard !sum.overflow, sum.partialValue <= UInt64(Int32.max) else {
                throw .corruptRecord("an ordinal is out of range")
            }
            previous = sum.partialValue
            rejected.append(Int(previous))
        }
        arrival = counts.0
        self.rejected = rejected
        request = cursor.rest
    }

    private static func read<Field>(_ body: () throws(ByteCursorError) -> Field) -> Field? {
        do throws(ByteCursorError) {
            return try body()
        } catch {
            return nil
        }
    }
}
