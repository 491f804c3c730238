import MartletCore

/// What a part's footer says of one of its row groups.
struct GroupSummary: Hashable, Sendable {
    var rows = 0
    var traces = 0
    var events = 0
    var links = 0
    /// The first start of a trace, Unix nanoseconds.
    var start: UInt64 = 0
    /// The last start of a trace.
    var latestTraceStart: UInt64 = 0
    /// The last end of any span.
    var end: UInt64 = 0
    /// Bytes of the encoded spans.
    var encodedBytes = 0
    /// Trace ids, 16 bytes each, in order of the traces; a page without compression.
    var traceIDs = PageReference(offset: 0, packed: 0, unpacked: 0, checksum: 0)
    /// The directory of the columns.
    var directory = PageReference(offset: 0, packed: 0, unpacked: 0, checksum: 0)
    /// The filter of `GroupValues`, without compression; nil in a part of version 1.
    var values: PageReference?

    /// Most rows, events or links of a group: what is decoded stays bounded also where a file lies.
    static let largest = 1 << 28

    /// Values that a column may have at most.
    var columnLimit: Int { max(rows, traces, events, links) + Self.attributeLimit }
    /// Attributes of a group beyond one a row, at most.
    private static let attributeLimit = 1 << 26

    func write(to writer: inout ByteWriter) {
        for count in [rows, traces, events, links, encodedBytes] { writer.uvarint(UInt64(count)) }
        for time in [start, latestTraceStart, end] { writer.u64LE(time) }
        traceIDs.write(to: &writer)
        directory.write(to: &writer)
        values?.write(to: &writer)
    }
}

extension GroupSummary {
    init(_ cursor: inout ByteCursor, version: UInt8) throws(PartFormatError) {
        self.init()
        var counts: [Int] = []
        for _ in 0..<5 {
            let count = try PartFormatError.reading { () throws(ByteCursorError) in try cursor.uvarint() }
            guard count <= UInt64(counts.count == 4 ? Int.max / 2 : Self.largest) else {
                throw PartFormatError("a row group has \(count) rows")
            }
            counts.append(Int(count))
        }
        (rows, traces, events, links, encodedBytes) = (counts[0], counts[1], counts[2], counts[3], counts[4])
        let back = try PartFormatError.reading { () throws(ByteCursorError) in
            (
                try cursor.u64LE(), try cursor.u64LE(), try cursor.u64LE(), try PageReference(&cursor),
                try PageReference(&cursor)
            )
        }
        (start, latestTraceStart, end, traceIDs, directory) = back
        if version >= 2 {
            values = try PartFormatError.reading { () throws(ByteCursorError) in try PageReference(&cursor) }
        }
        guard traces <= rows, traceIDs.packed == traceIDs.unpacked, Int(traceIDs.packed) == traces * 16 else {
            throw PartFormatError("a row group's numbers do not fit together")
        }
    }
}
