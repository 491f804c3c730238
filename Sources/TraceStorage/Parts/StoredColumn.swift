import MartletCore

/// A column of a row group, by the kind of its values.
enum StoredColumn: Hashable, Sendable {
    /// One page of bytes.
    case bytes(PageReference)
    case integers(IntegerColumn)
    case strings(StringColumn)

    func write(to writer: inout ByteWriter) {
        switch self {
        case .bytes(let page):
            writer.u8(0)
            page.write(to: &writer)
        case .integers(let column):
            writer.u8(1)
            column.write(to: &writer)
        case .strings(let column):
            writer.u8(2)
            column.write(to: &writer)
        }
    }

    init(_ cursor: inout ByteCursor, rows limit: Int) throws(PartFormatError) {
        switch try PartFormatError.reading({ () throws(ByteCursorError) in try cursor.u8() }) {
        case 0:
            self = .bytes(
                try PartFormatError.reading { () throws(ByteCursorError) in try PageReference(&cursor) })
        case 1: self = .integers(try IntegerColumn(&cursor, rows: limit))
        case 2: self = .strings(try StringColumn(&cursor, rows: limit))
        case let other: throw PartFormatError("column type \(other) is not known")
        }
    }
}
