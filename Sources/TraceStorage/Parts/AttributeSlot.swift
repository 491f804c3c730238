import MartletCore

/// The values that attributes of one key and one type have in a row group, in order of the rows.
struct AttributeSlot: Hashable, Sendable {
    /// What a slot's values are; part of the format.
    enum Kind: UInt8, Sendable {
        /// No value was sent.
        case empty = 0
        case string = 1
        /// Signed, with the sign bit turned.
        case int = 2
        /// The bit pattern, changed so that the order is that of unsigned numbers.
        case double = 4
        case bool = 5
        /// Encoded AnyValue messages: arrays, maps and bytes.
        case encoded = 6
    }

    /// Where the values lie.
    enum Place: Hashable, Sendable {
        /// A column of their own.
        case column(StoredColumn)
        /// Among the rare values of the scope, at an offset.
        case rest(offset: Int, count: Int)
        /// There is nothing to keep of empty values.
        case none
    }

    let key: [UInt8]
    let kind: Kind
    let place: Place

    /// How many values there are.
    var count: Int {
        switch place {
        case .none, .column(.bytes): 0
        case .rest(_, let count): count
        case .column(.integers(let column)): column.count
        case .column(.strings(let column)): column.codes.count
        }
    }

    /// Whether the values lie among the rare ones of the scope.
    var isRare: Bool { if case .rest = place { true } else { false } }

    /// The number for a value's bits, as it is written.
    static func stored(_ bits: UInt64, _ kind: Kind) -> UInt64 {
        switch kind {
        case .int: bits ^ 1 << 63
        case .double: bits >> 63 == 0 ? bits | 1 << 63 : ~bits
        default: bits
        }
    }

    /// The bits of a value that was written as this number.
    static func bits(_ stored: UInt64, _ kind: Kind) -> UInt64 {
        switch kind {
        case .int: stored ^ 1 << 63
        case .double: stored >> 63 == 1 ? stored ^ 1 << 63 : ~stored
        default: stored
        }
    }

    func write(to writer: inout ByteWriter) {
        key.withUnsafeBytes { writer.uvarintBytes($0) }
        writer.u8(kind.rawValue)
        switch place {
        case .none: writer.u8(0)
        case .rest(let offset, let count):
            writer.u8(1)
            writer.uvarint(UInt64(offset))
            writer.uvarint(UInt64(count))
        case .column(let column):
            writer.u8(2)
            column.write(to: &writer)
        }
    }
}

extension AttributeSlot {
    init(_ cursor: inout ByteCursor, rows limit: Int) throws(PartFormatError) {
        let front = try PartFormatError.reading { () throws(ByteCursorError) in
            (key: Array(try cursor.uvarintBytes()), kind: try cursor.u8(), place: try cursor.u8())
        }
        guard let kind = Kind(rawValue: front.kind) else {
            throw PartFormatError("attribute type \(front.kind) is not known")
        }
        key = front.key
        self.kind = kind
        switch front.place {
        case 0: place = .none
        case 1:
            let rest = try PartFormatError.reading { () throws(ByteCursorError) in
                (offset: try cursor.uvarint(), count: try cursor.uvarint())
            }
            guard rest.offset <= UInt64(UInt32.max), rest.count <= UInt64(limit) else {
                throw PartFormatError("the place of rare values is out of range")
            }
            place = .rest(offset: Int(rest.offset), count: Int(rest.count))
        case 2: place = .column(try StoredColumn(&cursor, rows: limit))
        case let other: throw PartFormatError("attribute place \(other) is not known")
        }
    }
}
