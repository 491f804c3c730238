import Durable
import MartletCore

/// What stands at the end of a part's file: the part as a whole, and its row groups in order of time.
struct PartFooter: Sendable {
    /// Segments of the record log whose spans it holds.
    var segments = SegmentSpan(first: 0, last: 0)
    /// Unix nanoseconds of the first and the last span's arrival.
    var firstArrival: UInt64 = 0
    var lastArrival: UInt64 = 0
    /// Encoded bytes of the largest trace.
    var largestTrace = 0
    var groups: [GroupSummary] = []
    /// A `ValueFilter` over the traces' ids, without compression.
    var filter = PageReference(offset: 0, packed: 0, unpacked: 0, checksum: 0)
    /// The numbers of the traces in order of their ids, u32 each: `orderEntries` a page, without compression.
    var order: [PageReference] = []
    /// Numbers of traces of which other parts had spans when this one was written, ascending.
    var shared: [UInt32] = []

    static let orderEntries = 16384

    var rows: Int { groups.reduce(0) { $0 + $1.rows } }
    var traces: Int { groups.reduce(0) { $0 + $1.traces } }

    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.uvarint(UInt64(segments.first))
        writer.uvarint(UInt64(segments.last))
        writer.u64LE(firstArrival)
        writer.u64LE(lastArrival)
        writer.uvarint(UInt64(largestTrace))
        filter.write(to: &writer)
        writer.uvarint(UInt64(groups.count))
        for group in groups { group.write(to: &writer) }
        for page in order { page.write(to: &writer) }
        writer.uvarint(UInt64(shared.count))
        var previous: UInt32 = 0
        for trace in shared {
            writer.uvarint(UInt64(trace - previous))
            previous = trace
        }
        return writer.bytes
    }

    init() {}

    init(decoding bytes: UnsafeRawBufferPointer, version: UInt8) throws(PartFormatError) {
        var cursor = ByteCursor(bytes)
        let front = try PartFormatError.reading { () throws(ByteCursorError) in
            (
                first: try cursor.uvarint(), last: try cursor.uvarint(), firstArrival: try cursor.u64LE(),
                lastArrival: try cursor.u64LE(), largest: try cursor.uvarint(), filter: try PageReference(&cursor),
                groups: try cursor.uvarint()
            )
        }
        largestTrace = Int(clamping: front.largest)
        guard front.first <= front.last, front.last <= UInt64(Int32.max), front.groups <= UInt64(cursor.remaining)
        else {
            throw PartFormatError("the footer's numbers do not fit together")
        }
        segments = SegmentSpan(first: Int(front.first), last: Int(front.last))
        (firstArrival, lastArrival, filter) = (front.firstArrival, front.lastArrival, front.filter)
        for _ in 0..<front.groups { groups.append(try GroupSummary(&cursor, version: version)) }
        let traces = traces
        for _ in 0..<(traces + Self.orderEntries - 1) / Self.orderEntries {
            order.append(try PartFormatError.reading { () throws(ByteCursorError) in try PageReference(&cursor) })
        }
        let count = try PartFormatError.reading { () throws(ByteCursorError) in try cursor.uvarint() }
        guard count <= UInt64(traces) else { throw PartFormatError("the footer's numbers do not fit together") }
        var previous: UInt64 = 0
        for index in 0..<count {
            let step = try PartFormatError.reading { () throws(ByteCursorError) in try cursor.uvarint() }
            guard step <= UInt64(traces), index == 0 || step > 0, previous + step < UInt64(traces) else {
                throw PartFormatError("a trace's number is out of range")
            }
            previous += step
            shared.append(UInt32(previous))
        }
        guard cursor.isAtEnd else { throw PartFormatError("the footer is too long") }
    }
}
