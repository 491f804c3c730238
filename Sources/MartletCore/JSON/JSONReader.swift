/// Reads JSON (RFC 8259) from a buffer by pulling one piece after another, without a tree.
///
/// The caller says what it expects: `beginObject`, then `nextKey` until it gives false, and one read (or `skipValue`)
/// for every value. At most `depthLimit` containers may be open. The buffer must outlive the reader.
package struct JSONReader {
    /// The kind of the value that comes next.
    package enum Kind: String, Sendable {
        case object, array, string, number, bool, null
    }

    /// Containers that may be open at once; never more than 128.
    package static let defaultDepthLimit = 100

    private let buffer: UnsafeRawBufferPointer
    private let depthLimit: Int
    private let allowsControlBytes: Bool
    private var depth = 0
    /// One bit per open container: set while it has no member yet.
    private var fresh: UInt128 = 0
    private var keyRange = 0..<0
    private var keyEscaped = false
    /// Where the next read begins.
    package private(set) var offset = 0

    /// With `allowsControlBytes`, strings may have tabs and the like as they are, which RFC 8259 forbids and some
    /// programs write.
    package init(
        _ buffer: UnsafeRawBufferPointer, depthLimit: Int = JSONReader.defaultDepthLimit,
        allowsControlBytes: Bool = false
    ) {
        self.buffer = buffer
        self.depthLimit = min(depthLimit, 128)
        self.allowsControlBytes = allowsControlBytes
    }

    // MARK: Containers

    /// The kind of the next value, which stays unread.
    package mutating func peek() throws(JSONError) -> Kind {
        skipBlanks()
        guard offset < buffer.count else { throw fail("unexpected end of input") }
        switch buffer[offset] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw fail("a value cannot begin here")
        }
    }

    package mutating func beginObject() throws(JSONError) { try open(UInt8(ascii: "{"), .object) }

    package mutating func beginArray() throws(JSONError) { try open(UInt8(ascii: "["), .array) }

    /// Reads a member's name and the colon; false, and the object closed, when there is none left.
    package mutating func nextKey() throws(JSONError) -> Bool {
        guard try nextMember(UInt8(ascii: "}")) else { return false }
        guard offset < buffer.count, buffer[offset] == UInt8(ascii: "\"") else {
            throw fail("a member name is missing")
        }
        (keyRange, keyEscaped) = try stringRange()
        skipBlanks()
        guard offset < buffer.count, buffer[offset] == UInt8(ascii: ":") else { throw fail("':' is missing") }
        offset += 1
        return true
    }

    /// True when another element follows; false, and the array closed, when there is none.
    package mutating func nextElement() throws(JSONError) -> Bool {
        try nextMember(UInt8(ascii: "]"))
    }

    /// True when the name last read is `name`.
    package func isKey(_ name: StaticString) -> Bool {
        let candidate = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        if !keyEscaped { return Bytes.equal(UnsafeRawBufferPointer(rebasing: buffer[keyRange]), candidate) }
        return keyBytes.elementsEqual(candidate)
    }

    /// The name last read as it stands in the text; nil when it must be unescaped. No allocation.
    package var plainKey: UnsafeRawBufferPointer? {
        keyEscaped ? nil : UnsafeRawBufferPointer(rebasing: buffer[keyRange])
    }

    /// The name last read, unescaped.
    package var keyBytes: [UInt8] {
        let raw = UnsafeRawBufferPointer(rebasing: buffer[keyRange])
        return keyEscaped ? JSONReader.unescape(raw) : [UInt8](raw)
    }

    /// The name last read, unescaped.
    package var key: String { String(decoding: keyBytes, as: UTF8.self) }

    // MARK: Values

    /// A string, unescaped.
    package mutating func bytes() throws(JSONError) -> [UInt8] {
        let (raw, escaped) = try rawString()
        return escaped ? JSONReader.unescape(raw) : [UInt8](raw)
    }

    /// A string, unescaped; what is not UTF-8 becomes U+FFFD.
    package mutating func string() throws(JSONError) -> String {
        let (raw, escaped) = try rawString()
        return escaped
            ? String(decoding: JSONReader.unescape(raw), as: UTF8.self) : String(decoding: raw, as: UTF8.self)
    }

    /// What stands between a string's quotes, and whether it must still be unescaped. No allocation.
    package mutating func rawString() throws(JSONError) -> (UnsafeRawBufferPointer, escaped: Bool) {
        try expect(.string)
        let (range, escaped) = try stringRange()
        return (UnsafeRawBufferPointer(rebasing: buffer[range]), escaped)
    }

    /// The text of a number. No allocation.
    package mutating func number() throws(JSONError) -> UnsafeRawBufferPointer {
        try expect(.number)
        let start = offset
        if buffer[offset] == UInt8(ascii: "-") { offset += 1 }
        let whole = digits()
        if whole.isEmpty { throw fail("a digit is missing") }
        if whole.count > 1, buffer[whole.lowerBound] == UInt8(ascii: "0") {
            throw JSONError(offset: whole.lowerBound, reason: "a number must not begin with 0")
        }
        if offset < buffer.count, buffer[offset] == UInt8(ascii: ".") {
            offset += 1
            if digits().isEmpty { throw fail("a digit is missing") }
        }
        if offset < buffer.count, buffer[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < buffer.count, buffer[offset] == UInt8(ascii: "+") || buffer[offset] == UInt8(ascii: "-") {
                offset += 1
            }
            if digits().isEmpty { throw fail("a digit is missing") }
        }
        return UnsafeRawBufferPointer(rebasing: buffer[start..<offset])
    }

    package mutating func double() throws(JSONError) -> Double {
        let start = offset
        let text = try number()
        guard let value = Double(String(decoding: text, as: UTF8.self)) else {
            throw JSONError(offset: start, reason: "not a number")
        }
        return value
    }

    /// An integer; a fraction or an exponent is refused. With `quoted`, a string of digits is accepted too, as
    /// protobuf's JSON form writes 64-bit numbers.
    package mutating func int64(quoted: Bool = false) throws(JSONError) -> Int64 {
        let text = try integerText(quoted)
        guard let value = Int64(String(decoding: text.bytes, as: UTF8.self)) else {
            throw JSONError(offset: text.offset, reason: "not a 64-bit integer")
        }
        return value
    }

    /// As `int64`, without a sign.
    package mutating func uint64(quoted: Bool = false) throws(JSONError) -> UInt64 {
        let text = try integerText(quoted)
        guard let value = UInt64(String(decoding: text.bytes, as: UTF8.self)) else {
            throw JSONError(offset: text.offset, reason: "not an unsigned 64-bit integer")
        }
        return value
    }

    package mutating func bool() throws(JSONError) -> Bool {
        try expect(.bool)
        if buffer[offset] == UInt8(ascii: "t") {
            try literal("true")
            return true
        }
        try literal("false")
        return false
    }

    /// Reads `null` when it is next; false, and nothing read, when it is not.
    package mutating func null() throws(JSONError) -> Bool {
        guard try peek() == .null else { return false }
        try literal("null")
        return true
    }

    /// Leaves the next value out, whatever it is; checks its syntax. Gives the bytes it takes up.
    @discardableResult
    package mutating func skipValue() throws(JSONError) -> UnsafeRawBufferPointer {
        let kind = try peek()
        let start = offset
        switch kind {
        case .string: _ = try stringRange()
        case .number: _ = try number()
        case .bool: _ = try bool()
        case .null: _ = try null()
        case .object:
            // The recursion ends at the depth limit.
            try beginObject()
            while try nextKey() { try skipValue() }
        case .array:
            try beginArray()
            while try nextElement() { try skipValue() }
        }
        return UnsafeRawBufferPointer(rebasing: buffer[start..<offset])
    }

    /// Checks that only blanks are left.
    package mutating func end() throws(JSONError) {
        skipBlanks()
        if offset < buffer.count { throw fail("unexpected text after the value") }
    }

    /// An error at the present offset, for callers that find a value they cannot use.
    package func fail(_ reason: String) -> JSONError { JSONError(offset: offset, reason: reason) }

    // MARK: Pieces

    private mutating func expect(_ kind: Kind) throws(JSONError) {
        let found = try peek()
        if found != kind { throw fail("\(kind.rawValue) expected, found \(found.rawValue)") }
    }

    private mutating func open(_ brace: UInt8, _ kind: Kind) throws(JSONError) {
        try expect(kind)
        guard depth < depthLimit else { throw fail("nested deeper than \(depthLimit)") }
        offset += 1
        fresh |= 1 << UInt128(depth)
        depth += 1
    }

    private mutating func nextMember(_ close: UInt8) throws(JSONError) -> Bool {
        guard depth > 0 else { throw fail("no open container") }
        skipBlanks()
        guard offset < buffer.count else { throw fail("unexpected end of input") }
        let bit: UInt128 = 1 << UInt128(depth - 1)
        if buffer[offset] == close {
            offset += 1
            depth -= 1
            fresh &= ~bit
            return false
        }
        if fresh & bit != 0 {
            fresh &= ~bit
            return true
        }
        guard buffer[offset] == UInt8(ascii: ",") else {
            throw fail("',' or '\(Character(Unicode.Scalar(close)))' is missing")
        }
        offset += 1
        skipBlanks()
        if offset < buffer.count, buffer[offset] == close { throw fail("a member is missing after ','") }
        return true
    }

    private mutating func skipBlanks() {
        while offset < buffer.count {
            switch buffer[offset] {
            case 0x20, 0x0a, 0x0d, 0x09: offset += 1
            default: return
            }
        }
    }

    private mutating func digits() -> Range<Int> {
        let start = offset
        while offset < buffer.count, buffer[offset] >= UInt8(ascii: "0"), buffer[offset] <= UInt8(ascii: "9") {
            offset += 1
        }
        return start..<offset
    }

    private mutating func literal(_ text: StaticString) throws(JSONError) {
        let count = text.utf8CodeUnitCount
        guard buffer.count - offset >= count else { throw fail("unexpected end of input") }
        for index in 0..<count where buffer[offset + index] != text.utf8Start[index] { throw fail("unknown word") }
        offset += count
    }

    private mutating func integerText(_ quoted: Bool) throws(JSONError) -> (bytes: UnsafeRawBufferPointer, offset: Int)
    {
        let kind = try peek()
        let start = offset
        if quoted, kind == .string { return (try rawString().0, start) }
        return (try number(), start)
    }

    /// Reads a string whose opening quote is next.
    private mutating func stringRange() throws(JSONError) -> (Range<Int>, escaped: Bool) {
        let start = offset + 1
        var index = start
        var escaped = false
        while index < buffer.count {
            switch buffer[index] {
            case UInt8(ascii: "\""):
                offset = index + 1
                return (start..<index, escaped)
            case UInt8(ascii: "\\"):
                escaped = true
                index = try escapeEnd(index)
            case 0..<0x20 where !allowsControlBytes:
                throw JSONError(offset: index, reason: "control character in a string")
            default: index += 1
            }
        }
        throw JSONError(offset: buffer.count, reason: "a string is not closed")
    }

    private func escapeEnd(_ index: Int) throws(JSONError) -> Int {
        guard index + 1 < buffer.count else { throw JSONError(offset: buffer.count, reason: "a string is not closed") }
        switch buffer[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return index + 2
        case UInt8(ascii: "u"):
            guard index + 6 <= buffer.count else {
                throw JSONError(offset: buffer.count, reason: "a string is not closed")
            }
            for digit in index + 2..<index + 6 where JSONReader.hex(buffer[digit]) == nil {
                throw JSONError(offset: digit, reason: "not a hexadecimal digit")
            }
            return index + 6
        default: throw JSONError(offset: index, reason: "unknown escape")
        }
    }

    /// Resolves the escapes of a string that this reader has checked; a lone surrogate becomes U+FFFD.
    package static func unescape(_ raw: UnsafeRawBufferPointer) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            let byte = raw[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < raw.count else {
                out.append(byte)
                index += 1
                continue
            }
            let letter = raw[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "b"): out.append(8)
            case UInt8(ascii: "f"): out.append(12)
            case UInt8(ascii: "n"): out.append(10)
            case UInt8(ascii: "r"): out.append(13)
            case UInt8(ascii: "t"): out.append(9)
            case UInt8(ascii: "u"):
                var unit = unit(raw, index)
                index += 4
                if unit & 0xfc00 == 0xd800, index + 6 <= raw.count, raw[index] == UInt8(ascii: "\\"),
                    raw[index + 1] == UInt8(ascii: "u")
                {
                    let low = self.unit(raw, index + 2)
                    if low & 0xfc00 == 0xdc00 {
                        unit = 0x10000 + (unit & 0x3ff) << 10 + low & 0x3ff
                        index += 6
                    }
                }
                let scalar = Unicode.Scalar(unit) ?? "\u{fffd}"
                out.append(contentsOf: Unicode.UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter)
            default: out.append(letter)
            }
        }
        return out
    }

    private static func unit(_ raw: UnsafeRawBufferPointer, _ index: Int) -> UInt32 {
        var value: UInt32 = 0
        for digit in index..<min(index + 4, raw.count) { value = value << 4 | (hex(raw[digit]) ?? 0) }
        return value
    }

    private static func hex(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
