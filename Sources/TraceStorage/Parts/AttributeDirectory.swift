import MartletCore

/// The attributes of one scope (spans, events or links) in a row group.
struct AttributeDirectory: Sendable {
    /// By key and type.
    var slots: [AttributeSlot] = []
    /// For each shape uvarints: how many attributes, then the slot of each, in the order in which they were sent.
    var shapes: PageReference?
    var shapeCount = 0
    /// Values of slots that are too rare for a column.
    var rest: PageReference?

    init() {}

    func write(to writer: inout ByteWriter) {
        writer.uvarint(UInt64(slots.count))
        for slot in slots { slot.write(to: &writer) }
        writer.uvarint(UInt64(shapeCount))
        for page in [shapes, rest] {
            writer.u8(page == nil ? 0 : 1)
            page?.write(to: &writer)
        }
    }

    init(_ cursor: inout ByteCursor, rows limit: Int) throws(PartFormatError) {
        let count = try PartFormatError.reading { () throws(ByteCursorError) in try cursor.uvarint() }
        guard count <= UInt64(cursor.remaining) else { throw PartFormatError("\(count) attribute keys do not fit") }
        for _ in 0..<count { slots.append(try AttributeSlot(&cursor, rows: limit)) }
        let back = try PartFormatError.reading { () throws(ByteCursorError) in
            (
                count: try cursor.uvarint(), shapes: try cursor.u8() == 0 ? nil : try PageReference(&cursor),
                rest: try cursor.u8() == 0 ? nil : try PageReference(&cursor)
            )
        }
        guard back.count <= UInt64(limit) else { throw PartFormatError("\(back.count) shapes of attributes") }
        shapeCount = Int(back.count)
        shapes = back.shapes
        rest = back.rest
    }
}
