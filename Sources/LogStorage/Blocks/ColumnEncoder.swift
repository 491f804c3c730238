import Compression
import Glibc
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
    /// A variable's place in the text: offset in the upper half, length in the lower.
    typealias Span = UInt64

    private static let mostEntries = 1 << 16

    private let text: UnsafePointer<UInt8>
    private let spans: UnsafeBufferPointer<Span>

    /// `spans` are not empty.
    init(_ spans: UnsafeBufferPointer<Span>, text: UnsafePointer<UInt8>) {
        self.spans = spans
        self.text = text
    }

    static func offset(_ span: Span) -> Int { Int(span >> 32) }

    static func length(_ span: Span) -> Int { Int(UInt32(truncatingIfNeeded: span)) }

    private func bytes(_ span: Span) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text + Self.offset(span), count: Self.length(span))
    }

    func write(to writer: inout ByteRun.Writer) throws(CompressionError) {
        let form = form()
        switch form {
        case .digits:
            let numbers = spans.map { DigitText.number(text + Self.offset($0), count: Self.length($0)) }
            try write(numbers: numbers, to: &writer)
        case .hex(let kind, let stride):
            if try writeDictionary(below: spans.count * stride * 8, to: &writer) { return }
            try write(hex: kind, stride: stride, to: &writer)
        case .text:
            let total = spans.reduce(0) { $0 + Self.length($1) }
            if try writeDictionary(below: total * 6, to: &writer) { return }
            try writeText(to: &writer)
        }
    }

    // MARK: Form

    private enum Form {
        case digits
        case hex(ColumnKind, stride: Int)
        case text
    }

    private func form() -> Form {
        let first = Self.length(spans[0])
        var isFixed = true
        var joined: UInt8 = 0
        var longest = 0
        let classes = LineTokenizer.classes
        let hex = LineTokenizer.Class.lowerHex | LineTokenizer.Class.upperHex
        var hasOthers = false
        var dashes = 0
        for span in spans {
            let length = Self.length(span)
            if length != first { isFixed = false }
            longest = max(longest, length)
            for byte in bytes(span) {
                let kind = classes[Int(byte)]
                joined |= kind
                if kind == 0 {
                    if byte == UInt8(ascii: "-") { dashes += 1 } else { hasOthers = true }
                }
            }
            if joined & LineTokenizer.Class.letter != 0 || hasOthers { return .text }
        }
        if joined == LineTokenizer.Class.digit, dashes == 0, longest <= DigitText.maxDigits { return .digits }
        guard isFixed, joined & hex != hex else { return .text }
        let isUpper = joined & LineTokenizer.Class.upperHex != 0
        // Only the tokenizer's UUIDs have dashes, and they are the only variables of their length that have four.
        if first == LineTokenizer.uuidLength, dashes == 4 * spans.count {
            return .hex(isUpper ? .upperUUID : .lowerUUID, stride: 16)
        }
        guard dashes == 0 else { return .text }
        return .hex(isUpper ? .upperHex : .lowerHex, stride: (first + 1) / 2)
    }

    // MARK: Numbers

    private func write(numbers: [UInt64], to writer: inout ByteRun.Writer) throws(CompressionError) {
        var low = numbers[0]
        var high = low
        for number in numbers {
            low = min(low, number)
            high = max(high, number)
        }
        let width = Self.width(high - low)
        let plain = Self.planes(numbers, width: width) { $0 &- low }
        var cost = Self.cost(plain)
        var differences: [[UInt8]]?
        if numbers.count >= 16 {
            var largest: UInt64 = 0
            var zigzags: [UInt64] = []
            zigzags.reserveCapacity(numbers.count - 1)
            var previous = numbers[0]
            for number in numbers.dropFirst() {
                let difference = Int64(bitPattern: number &- previous)
                let zigzag = UInt64(bitPattern: difference << 1 ^ difference >> 63)
                largest = max(largest, zigzag)
                zigzags.append(zigzag)
                previous = number
            }
            let planes = Self.planes(zigzags, width: Self.width(largest)) { $0 }
            let deltaCost = Self.cost(planes)
            if deltaCost < cost * 0.85 {
                differences = planes
                cost = deltaCost
            }
        }
        if width > 1, try writeDictionary(below: Int(cost), to: &writer) { return }
        if let differences {
            begin(.deltas, to: &writer)
            writer.directory.uvarint(numbers[0])
            try Self.write(planes: differences, to: &writer)
        } else {
            begin(.digits, to: &writer)
            writer.directory.uvarint(low)
            try Self.write(planes: plain, to: &writer)
        }
    }

    private static func width(_ largest: UInt64) -> Int { max(1, (71 - largest.leadingZeroBitCount) / 8) }

    private static func planes(_ numbers: [UInt64], width: Int, _ value: (UInt64) -> UInt64) -> [[UInt8]] {
        (0..<width).map { plane in
            let shift = UInt64(plane * 8)
            return [UInt8](unsafeUninitializedCapacity: numbers.count) { out, count in
                for index in numbers.indices {
                    out.initializeElement(at: index, to: UInt8(truncatingIfNeeded: value(numbers[index]) >> shift))
                }
                count = numbers.count
            }
        }
    }

    private static func cost(_ planes: [[UInt8]]) -> Double {
        planes.reduce(0) { sum, plane in sum + 160 + plane.withUnsafeBytes { ByteEntropy.bits($0) } }
    }

    private static func write(planes: [[UInt8]], to writer: inout ByteRun.Writer) throws(CompressionError) {
        writer.directory.u8(UInt8(planes.count))
        for plane in planes { try writer.append(plane) }
    }

    // MARK: Texts

    private func begin(_ kind: ColumnKind, to writer: inout ByteRun.Writer) {
        writer.directory.u8(kind.rawValue)
        writer.directory.uvarint(UInt64(spans.count))
    }

    /// Writes a dictionary if it is estimated to take fewer than `limit` bits; whether it did.
    private func writeDictionary(below limit: Int, to writer: inout ByteRun.Writer) throws(CompressionError) -> Bool {
        var table = DistinctTexts(text, expected: spans.count)
        var numbers: [UInt32] = []
        numbers.reserveCapacity(spans.count)
        for span in spans {
            let number = table.number(of: Self.offset(span), count: Self.length(span))
            numbers.append(number)
            // Where nearly all differ at the beginning, they go on to differ.
            if numbers.count == 256, table.count > 224 { return false }
            if table.count >= Self.mostEntries || table.count * 2 > spans.count + 16 { return false }
        }
        var bits = table.counts.withUnsafeBufferPointer { ByteEntropy.bits($0, total: spans.count) }
        // An entry costs its length and about half of its text.
        for place in table.places { bits += Double(8 + Self.length(place) * 4) }
        guard bits < Double(limit) else { return false }
        begin(.dictionary, to: &writer)
        writer.directory.uvarint(UInt64(table.count))
        var entries = ByteWriter()
        for place in table.places { entries.uvarintBytes(bytes(place)) }
        try writer.append(entries.bytes)
        let planes = Self.planes(numbers.map(UInt64.init), width: table.count <= 256 ? 1 : 2) { $0 }
        try Self.write(planes: planes, to: &writer)
        return true
    }

    private func writeText(to writer: inout ByteRun.Writer) throws(CompressionError) {
        begin(.text, to: &writer)
        var lengths = ByteWriter()
        var all: [UInt8] = []
        for span in spans {
            lengths.uvarint(UInt64(Self.length(span)))
            all.append(contentsOf: bytes(span))
        }
        try writer.append(lengths.bytes)
        try writer.append(all)
    }

    private func write(hex kind: ColumnKind, stride: Int, to writer: inout ByteRun.Writer) throws(CompressionError) {
        begin(kind, to: &writer)
        let isUUID = kind == .lowerUUID || kind == .upperUUID
        if !isUUID { writer.directory.uvarint(UInt64(Self.length(spans[0]))) }
        let values = [UInt8](unsafeUninitializedCapacity: spans.count * stride) { out, count in
            for span in spans {
                var high: UInt8 = 0
                var isHigh = isUUID || Self.length(span) % 2 == 0
                for byte in bytes(span) where byte != UInt8(ascii: "-") {
                    // '0'...'9' end in their value, letters of both cases in their place in the alphabet.
                    let digit = byte < 64 ? byte & 15 : byte & 15 &+ 9
                    if isHigh {
                        high = digit << 4
                    } else {
                        out.initializeElement(at: count, to: high | digit)
                        high = 0
                        count += 1
                    }
                    isHigh.toggle()
                }
            }
        }
        try writer.append(values)
    }
}
