import MartletCore

/// A column of byte strings in a part's file: the distinct ones, sorted bytewise, and for each row the index of its own.
struct StringColumn: Hashable, Sendable {
    /// Distinct strings.
    let distinct: Int
    /// For each distinct string two uvarints: bytes in common with the one before, and bytes that follow these.
    let lengths: PageReference
    /// Those that follow, of all strings, without gaps.
    let suffixes: PageReference
    /// A `ValueFilter` over the strings' hashes, which parts of version 1 have of many strings.
    let filter: PageReference?
    let codes: IntegerColumn

    func write(to writer: inout ByteWriter) {
        writer.uvarint(UInt64(distinct))
        lengths.write(to: &writer)
        suffixes.write(to: &writer)
        writer.u8(filter == nil ? 0 : 1)
        filter?.write(to: &writer)
        codes.write(to: &writer)
    }

    init(
        distinct: Int, lengths: PageReference, suffixes: PageReference, filter: PageReference?, codes: IntegerColumn
    ) {
        self.distinct = distinct
        self.lengths = lengths
        self.suffixes = suffixes
        self.filter = filter
        self.codes = codes
    }

    init(_ cursor: inout ByteCursor, rows limit: Int) throws(PartFormatError) {
        let front = try PartFormatError.reading { () throws(ByteCursorError) in
            (
                count: try cursor.uvarint(), lengths: try PageReference(&cursor), suffixes: try PageReference(&cursor),
                filter: try cursor.u8() == 0 ? nil : try PageReference(&cursor)
            )
        }
        guard front.count <= UInt64(limit) else { throw PartFormatError("a column has \(front.count) strings") }
        distinct = Int(front.count)
        lengths = front.lengths
        suffixes = front.suffixes
        filter = front.filter
        codes = try IntegerColumn(&cursor, rows: limit)
        guard codes.count == 0 || codes.maximum < UInt64(distinct) else {
            throw PartFormatError("a string's number is out of range")
        }
    }
}
