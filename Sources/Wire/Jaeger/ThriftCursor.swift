/// Reads one structure in Thrift's binary protocol, front to back, without allocating.
///
/// ```
/// while try cursor.next() {
///     switch cursor.field {
///     case 1: name = try cursor.string()
///     default: try cursor.skip()
///     }
/// }
/// ```
/// The fields of a structure inside begin where its field is announced: read them with the same cursor after `structure()`,
/// until `next()` gives false. Every length and count is checked against the bytes that are left before it is believed, and
/// a known field of another type is an error. The buffer must outlive the cursor.
struct ThriftCursor {
    private let bytes: UnsafeRawBufferPointer
    private let depthLimit: Int
    /// Offset of the next unread byte.
    private(set) var offset = 0
    /// Number of the field that `next()` found.
    private(set) var field: Int16 = 0
    /// Layout of the field that `next()` found.
    private(set) var type = ThriftType.stop

    /// A cursor over a structure without an envelope; `depthLimit` bounds how deep what is skipped may be nested.
    init(_ bytes: UnsafeRawBufferPointer, depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    /// Reads the next field's type and number; false at the end of the structure.
    mutating func next() throws(WireError) -> Bool {
        type = try readType()
        if type == .stop { return false }
        field = try integer()
        return true
    }

    // MARK: Values

    /// A truth value: any byte but 0 is true.
    mutating func bool() throws(WireError) -> Bool {
        try expect(.bool)
        return try integer(as: UInt8.self) != 0
    }

    mutating func int32() throws(WireError) -> Int32 {
        try expect(.int32)
        return try integer()
    }

    mutating func int64() throws(WireError) -> Int64 {
        try expect(.int64)
        return try integer()
    }

    mutating func double() throws(WireError) -> Double {
        try expect(.double)
        return Double(bitPattern: try integer())
    }

    /// Bounds of text or opaque bytes within the body.
    mutating func string() throws(WireError) -> Range<Int> {
        try expect(.string)
        return try delimited()
    }

    /// Enters the structure that is the field.
    mutating func structure() throws(WireError) {
        try expect(.structure)
    }

    /// Enters the list of structures that is the field, and gives their number; they follow one another.
    mutating func structures() throws(WireError) -> Int {
        try expect(.list)
        let start = offset
        let element = try readType()
        let count = try count(of: element)
        guard count == 0 || element == .structure else {
            throw .malformed(offset: start, what: "list of field \(field) has elements of type \(element.rawValue)")
        }
        return count
    }

    /// Passes over the field, whatever it is.
    mutating func skip() throws(WireError) {
        try skip(type, depth: 0)
    }

    /// Checks that nothing is left.
    func end() throws(WireError) {
        guard offset == bytes.count else {
            throw .malformed(offset: offset, what: "\(bytes.count - offset) bytes behind the end of the message")
        }
    }

    // MARK: Layout

    /// Recursion ends at the depth limit.
    private mutating func skip(_ type: ThriftType, depth: Int) throws(WireError) {
        guard depth < depthLimit else { throw .tooDeep(limit: depthLimit) }
        switch type {
        case .stop: break
        case .bool, .int8, .int16, .int32, .int64, .double, .uuid: try advance(type.leastBytes)
        case .string: _ = try delimited()
        case .structure:
            while true {
                let type = try readType()
                if type == .stop { return }
                try advance(2)
                try skip(type, depth: depth + 1)
            }
        case .list, .set:
            let element = try readType()
            for _ in 0..<(try count(of: element)) { try skip(element, depth: depth + 1) }
        case .map:
            let key = try readType()
            let value = try readType()
            for _ in 0..<(try count(of: key, value)) {
                try skip(key, depth: depth + 1)
                try skip(value, depth: depth + 1)
            }
        }
    }

    private func expect(_ wanted: ThriftType) throws(WireError) {
        guard type == wanted else {
            throw .malformed(offset: offset, what: "field \(field) has type \(type.rawValue), not \(wanted.rawValue),")
        }
    }

    private mutating func readType() throws(WireError) -> ThriftType {
        let number = try integer(as: UInt8.self)
        guard let type = ThriftType(rawValue: number) else {
            throw .malformed(offset: offset - 1, what: "Thrift type \(number)")
        }
        return type
    }

    /// How many elements follow: no more than the bytes that are left can hold.
    private mutating func count(of types: ThriftType...) throws(WireError) -> Int {
        let start = offset
        let count = Int(try integer(as: Int32.self))
        guard count >= 0 else { throw .malformed(offset: start, what: "\(count) elements") }
        if count == 0 { return 0 }
        guard !types.contains(.stop) else { throw .malformed(offset: start, what: "elements without a type") }
        let least = types.reduce(0) { $0 + $1.leastBytes }
        guard count <= (bytes.count - offset) / least else { throw .truncated(offset: start) }
        return count
    }

    private mutating func delimited() throws(WireError) -> Range<Int> {
        let start = offset
        let length = Int(try integer(as: Int32.self))
        guard length >= 0 else { throw .malformed(offset: start, what: "length \(length)") }
        guard length <= bytes.count - offset else { throw .truncated(offset: start) }
        defer { offset += length }
        return offset..<offset + length
    }

    private mutating func advance(_ count: Int) throws(WireError) {
        guard count <= bytes.count - offset else { throw .truncated(offset: offset) }
        offset += count
    }

    /// A number, highest byte first.
    private mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>(
        as type: Number.Type = Number.self
    ) throws(WireError) -> Number {
        let size = MemoryLayout<Number>.size
        guard size <= bytes.count - offset else { throw .truncated(offset: offset) }
        defer { offset += size }
        return Number(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}
