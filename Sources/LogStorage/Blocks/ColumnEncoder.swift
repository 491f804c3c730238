import Compression
import MartletCore

/// Writes one column: variables that stand behind the same words.
///
/// What is written, after u8 kind and uvarint count:
/// - digits: uvarint smallest number, u8 width, then a run for each of the `width` bytes, lowest first;
/// - deltas: uvarint first number, u8 width, runs of the zigzag differences, one less than there are variables;
/// - hex: uvarint length of the text, a run of all values, an odd digit stands alone in its value's first byte;
/// - UUIDs: a run of all values;
/// - dictionary: uvarint entries, a run of entries (uvarint length, text), u8 width, runs of the numbers' bytes;
/// - text: a run of uvarint lengths, a run of all texts.
struct ColumnEncoder {
    private typealias Class = LineTokenizer.Class

    private static let mostEntries = 1 << 16

    private let text: UnsafePointer<UInt8>
    private let spans: UnsafeBufferPointer<VariableList.Span>
    private let kinds: UInt8

    /// `spans` are not empty; `kinds` says what bytes the variables have (`VariableList.kinds`).
    init(_ spans: UnsafeBufferPointer<VariableList.Span>, kinds: UInt8, text: UnsafePointer<UInt8>) {
        self.spans = spans
        self.kinds = kinds
        self.text = text
    }

    func write(to writer: inout ByteRun.Writer) throws(CompressionError) {
        switch form() {
        case .digits: try writeNumbers(to: &writer)
        case .hex(let kind, let stride):
            if try writeTextDictionary(below: spans.count * stride * 8, to: &writer) { return }
            try write(hex: kind, stride: stride, to: &writer)
        case .text:
            let total = spans.reduce(0) { $0 + VariableList.length($1) }
            if try writeTextDictionary(below: total * 6, to: &writer) { return }
            try writeText(total: total, to: &writer)
        }
    }

    // MARK: Form

    private enum Form {
        case digits
        case hex(ColumnKind, stride: Int)
        case text
    }

    private func form() -> Form {
        guard kinds & Class.letter == 0 else { return .text }
        let first = VariableList.length(spans[0])
        var (shortest, longest) = (first, first)
        for span in spans {
            shortest = min(shortest, VariableList.length(span))
            longest = max(longest, VariableList.length(span))
        }
        if kinds == Class.digit, longest <= DigitText.maxDigits { return .digits }
        let cases = Class.lowerHex | Class.upperHex
        guard shortest == longest, kinds & cases != cases else { return .text }
        let isUpper = kinds & Class.upperHex != 0
        guard kinds & Class.dash != 0 else { return .hex(isUpper ? .upperHex : .lowerHex, stride: (first + 1) / 2) }
        // Only UUIDs have dashes; other variables may be as long.
        let areUUIDs = spans.allSatisfy { text[VariableList.offset($0) + 8] == UInt8(ascii: "-") }
        return areUUIDs ? .hex(isUpper ? .upperUUID : .lowerUUID, stride: 16) : .text
    }

    // MARK: Numbers

    private func writeNumbers(to writer: inout ByteRun.Writer) throws(CompressionError) {
        let numbers = self.numbers()
        let values = numbers.base
        var (low, high) = (values[0], values[0])
        for number in numbers.elements {
            low = min(low, number)
            high = max(high, number)
        }
        let first = values[0]
        for row in 0..<numbers.count { values[row] &-= low }
        let width = max(1, BytePlane.width(high - low))
        let plain = BytePlane.planes(numbers.elements, width: width)
        var cost = Self.cost(plain)
        var differences: [BytePlane]?
        if numbers.count >= 16 {
            let planes = Self.differences(numbers.elements)
            let deltaCost = Self.cost(planes)
            if deltaCost < cost * 0.85 {
                differences = planes
                cost = deltaCost
            }
        }
        if width > 1,
            try writeDictionary(
                below: Int(cost), hash: { ShortText.hash(values[$0]) }, isSame: { values[$0] == values[$1] },
                to: &writer)
        {
            return
        }
        if let differences {
            begin(.deltas, to: &writer)
            writer.directory.uvarint(first)
            try Self.write(differences, to: &writer)
        } else {
            begin(.digits, to: &writer)
            writer.directory.uvarint(low)
            try Self.write(plain, to: &writer)
        }
    }

    /// Zigzag differences from one number to the next.
    private static func differences(_ numbers: UnsafeBufferPointer<UInt64>) -> [BytePlane] {
        var zigzags = RawArray<UInt64>(capacity: numbers.count)
        var largest: UInt64 = 0
        var previous = numbers[0]
        for number in numbers.dropFirst() {
            let difference = Int64(bitPattern: number &- previous)
            let zigzag = UInt64(bitPattern: difference << 1 ^ difference >> 63)
            largest = max(largest, zigzag)
            zigzags.append(zigzag)
            previous = number
        }
        return BytePlane.planes(zigzags.elements, width: max(1, BytePlane.width(largest)))
    }

    private func numbers() -> RawArray<UInt64> {
        let reader = DigitText.Reader()
        var numbers = RawArray<UInt64>(capacity: spans.count)
        for span in spans {
            let (offset, length) = (VariableList.offset(span), VariableList.length(span))
            if length <= ShortText.wordBytes {
                numbers.append(
                    reader.number(word: ShortText.lastWord(text, end: offset + length, count: length), count: length))
            } else {
                numbers.append(DigitText.number(text + offset, count: length))
            }
        }
        return numbers
    }

    private static func cost(_ planes: [BytePlane]) -> Double { planes.reduce(0) { $0 + 160 + $1.bits } }

    private static func write(_ planes: [BytePlane], to writer: inout ByteRun.Writer) throws(CompressionError) {
        writer.directory.u8(UInt8(planes.count))
        for plane in planes { try writer.append(plane.bytes, bits: plane.bits) }
    }

    // MARK: Texts

    private func begin(_ kind: ColumnKind, to writer: inout ByteRun.Writer) {
        writer.directory.u8(kind.rawValue)
        writer.directory.uvarint(UInt64(spans.count))
    }

    private func writeTextDictionary(
        below limit: Int, to writer: inout ByteRun.Writer
    ) throws(CompressionError) -> Bool {
        try writeDictionary(
            below: limit,
            hash: { ShortText.hash(text + VariableList.offset(spans[$0]), VariableList.length(spans[$0])) },
            isSame: { a, b in
                let (a, b) = (spans[a], spans[b])
                let length = VariableList.length(a)
                return VariableList.length(b) == length
                    && ShortText.isEqual(text + VariableList.offset(a), text + VariableList.offset(b), length)
            }, to: &writer)
    }

    /// Writes a dictionary if it is estimated to take fewer than `limit` bits; whether it did. The closures take rows.
    @inline(__always)
    private func writeDictionary(
        below limit: Int, hash: (Int) -> UInt64, isSame: (Int, Int) -> Bool, to writer: inout ByteRun.Writer
    ) throws(CompressionError) -> Bool {
        var values = DistinctValues()
        var numbers = RawArray<UInt16>(capacity: spans.count)
        for row in 0..<spans.count {
            let number = values.number(of: row, hash: hash(row)) { isSame($0, row) }
            // Fewer than `mostEntries` values have a number.
            numbers.append(UInt16(truncatingIfNeeded: number))
            // Where nearly all differ at the beginning, they go on to differ.
            if row == 255, values.count > 224 { return false }
            if values.count >= Self.mostEntries || values.count * 2 > spans.count + 16 { return false }
        }
        return try write(values, numbers.elements, below: limit, to: &writer)
    }

    private func write(
        _ values: borrowing DistinctValues, _ numbers: UnsafeBufferPointer<UInt16>, below limit: Int,
        to writer: inout ByteRun.Writer
    ) throws(CompressionError) -> Bool {
        var bits = ByteEntropy.bits(values.counts.elements, total: spans.count)
        // An entry costs its length and about half of its text.
        for row in values.rows.elements { bits += Double(8 + VariableList.length(spans[Int(row)]) * 4) }
        guard bits < Double(limit) else { return false }
        begin(.dictionary, to: &writer)
        writer.directory.uvarint(UInt64(values.count))
        var entries = ByteWriter()
        for row in values.rows.elements { entries.uvarintBytes(bytes(spans[Int(row)])) }
        try writer.append(entries.bytes)
        let width = values.count <= 256 ? 1 : 2
        writer.directory.u8(UInt8(width))
        for plane in 0..<width { try writer.append(BytePlane.bytes(numbers, plane)) }
        return true
    }

    private func bytes(_ span: VariableList.Span) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text + VariableList.offset(span), count: VariableList.length(span))
    }

    private func writeText(total: Int, to writer: inout ByteRun.Writer) throws(CompressionError) {
        begin(.text, to: &writer)
        var lengths = ByteWriter()
        var all = RawArray<UInt8>(capacity: total)
        lengths.bytes.reserveCapacity(spans.count)
        for span in spans {
            lengths.uvarint(UInt64(VariableList.length(span)))
            all.append(text + VariableList.offset(span), count: VariableList.length(span))
        }
        try writer.append(lengths.bytes)
        try writer.append(UnsafeRawBufferPointer(all.elements))
    }

    private func write(hex kind: ColumnKind, stride: Int, to writer: inout ByteRun.Writer) throws(CompressionError) {
        begin(kind, to: &writer)
        let isUUID = kind == .lowerUUID || kind == .upperUUID
        let length = VariableList.length(spans[0])
        if !isUUID { writer.directory.uvarint(UInt64(length)) }
        let size = spans.count * stride
        let values = [UInt8](unsafeUninitializedCapacity: size) { out, count in
            guard var place = UnsafeMutableRawPointer(out.baseAddress) else { return }
            for span in spans {
                let start = text + VariableList.offset(span)
                if isUUID {
                    HexText.parseUUID(start, to: place)
                } else {
                    HexText.parse(start, count: length, to: place)
                }
                place += stride
            }
            count = size
        }
        try writer.append(values)
    }
}
