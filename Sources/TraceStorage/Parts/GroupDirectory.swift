import MartletCore

/// Where the columns of a row group lie: the content of the group's directory page.
struct GroupDirectory: Sendable {
    var columns: [PartColumn: StoredColumn] = [:]
    var spans = AttributeDirectory()
    var events = AttributeDirectory()
    var links = AttributeDirectory()

    init() {}

    /// Bytes of memory held, about.
    var memory: Int {
        256 + columns.count * 160 + (spans.slots.count + events.slots.count + links.slots.count) * 256
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.uvarint(UInt64(columns.count))
        for (id, column) in columns.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.u8(id.rawValue)
            column.write(to: &writer)
        }
        for scope in [spans, events, links] { scope.write(to: &writer) }
        return writer.bytes
    }

    /// - Parameter limit: values that a column of this group may have at most.
    init(decoding bytes: UnsafeRawBufferPointer, rows limit: Int) throws(PartFormatError) {
        var cursor = ByteCursor(bytes)
        let count = try PartFormatError.reading { () throws(ByteCursorError) in try cursor.uvarint() }
        for _ in 0..<min(count, 256) {
            let code = try PartFormatError.reading { () throws(ByteCursorError) in try cursor.u8() }
            guard let id = PartColumn(rawValue: code) else { throw PartFormatError("column \(code) is not known") }
            columns[id] = try StoredColumn(&cursor, rows: limit)
        }
        spans = try AttributeDirectory(&cursor, rows: limit)
        events = try AttributeDirectory(&cursor, rows: limit)
        links = try AttributeDirectory(&cursor, rows: limit)
        guard cursor.isAtEnd else { throw PartFormatError("the directory of a row group is too long") }
    }
}
