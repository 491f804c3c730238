import MartletCore

/// Parses the raw text of a series or of an exemplar's labels: `name{l="v",…}`, `{"quoted name",l="v",…}`.
struct SeriesLexer {
    private let bytes: UnsafeRawBufferPointer
    private let end: Int
    private let format: ExpositionFormat
    private let numberLabel: StaticString?
    private var position: Int
    /// Where strings are unescaped to, and numbers spelled anew.
    private var scratch: UnsafeMutableRawBufferPointer?
    private var scratchUsed = 0
    private let scratchSize: Int
    /// Names of the labels that the set does not have since their value is empty.
    private(set) var emptyNames: [String] = []

    /// A lexer of a part of `bytes`. Numbers that are values of `numberLabel` are spelled as OpenMetrics spells them.
    init(
        _ bytes: UnsafeRawBufferPointer, _ bounds: Range<Int>, _ format: ExpositionFormat,
        numberLabel: StaticString? = nil
    ) {
        self.bytes = bytes
        self.format = format
        self.numberLabel = numberLabel
        position = bounds.lowerBound
        end = bounds.upperBound
        // A string without its escapes is shorter. A number has 24 bytes at most, its label in
        // the text six at least (le="1").
        scratchSize = numberLabel == nil ? bounds.count : bounds.count * 4
    }

    /// The label set; `assembly` lends its storage.
    mutating func labels(_ assembly: inout LabelAssembly) throws(WireError) -> Labels {
        assembly.reset()
        // The assembly points into the scratch memory until `finish`.
        defer {
            scratch?.deallocate()
            scratch = nil
        }
        let start = position
        while position < end, NameBytes.isMetricName(bytes[position]) { position += 1 }
        var hasName = position > start
        if hasName {
            guard !NameBytes.isDigit(bytes[start]) else {
                position = start
                throw failure("invalid metric name")
            }
            assembly.addMetricName(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
        }
        skipBlanks()
        guard position < end else { return assembly.finish() }
        guard bytes[position] == UInt8(ascii: "{") else { throw failure("invalid metric name") }
        position += 1
        skipBlanks()
        while position < end, bytes[position] != UInt8(ascii: "}") {
            let isQuoted = bytes[position] == UInt8(ascii: "\"")
            let name = isQuoted ? try quoted() : try bareName()
            skipBlanks()
            if isQuoted, position < end, bytes[position] != UInt8(ascii: "=") {
                guard !hasName else { throw failure("metric name given twice") }
                hasName = true
                assembly.addMetricName(name)
            } else {
                guard position < end, bytes[position] == UInt8(ascii: "=") else {
                    throw failure("expected '=' after a label name")
                }
                position += 1
                skipBlanks()
                guard position < end, bytes[position] == UInt8(ascii: "\"") else {
                    throw failure("expected a quoted label value")
                }
                guard !name.isEmpty else { throw failure("empty label name") }
                let value = try quoted()
                assembly.add(name, normalised(value, of: name))
            }
            skipBlanks()
            guard position < end else { break }
            if bytes[position] == UInt8(ascii: ",") {
                position += 1
                skipBlanks()
            } else if bytes[position] != UInt8(ascii: "}") {
                throw failure("expected ',' or '}' after a label")
            }
        }
        guard position == end - 1 else { throw failure("unterminated labels") }
        if let duplicate = assembly.duplicateName() {
            throw failure("label name \"\(String(decoding: duplicate, as: UTF8.self))\" is not unique")
        }
        emptyNames = assembly.emptyNames
        return assembly.finish()
    }

    /// A label's value as it is stored: `1`, `1.0` and `1e0` name the same bucket.
    private mutating func normalised(
        _ value: UnsafeRawBufferPointer, of name: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        guard let numberLabel, Bytes.equal(name, Self.bytes(of: numberLabel)), let number = FloatParser.parse(value)
        else { return value }
        var text: [UInt8] = []
        FloatText.appendOpenMetrics(number, to: &text)
        return keep(text)
    }

    private static func bytes(of text: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    private mutating func bareName() throws(WireError) -> UnsafeRawBufferPointer {
        let start = position
        while position < end, NameBytes.isLabelName(bytes[position]) { position += 1 }
        guard position > start, !NameBytes.isDigit(bytes[start]) else { throw failure("expected a label name") }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// A quoted string; its bytes lie in the buffer, or in the scratch memory when it has escapes.
    private mutating func quoted() throws(WireError) -> UnsafeRawBufferPointer {
        position += 1
        let start = position
        var hasEscape = false
        var isASCII: UInt8 = 0
        while position < end, bytes[position] != UInt8(ascii: "\"") {
            let byte = bytes[position]
            isASCII |= byte
            if byte == UInt8(ascii: "\\") {
                hasEscape = true
                position += 1
            } else if byte == 0x0a, format == .openMetrics {
                throw failure("newline in a quoted string")
            }
            position += 1
        }
        guard position < end else { throw failure("unterminated string in labels") }
        let raw = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        position += 1
        if isASCII >= 0x80 || hasEscape {
            guard Bytes.isValidUTF8(raw) else { throw failure("invalid UTF-8 in labels") }
        }
        guard hasEscape else { return raw }
        return keep(Self.unescape(raw))
    }

    /// Copies `text` to the scratch memory.
    private mutating func keep(_ text: [UInt8]) -> UnsafeRawBufferPointer {
        let memory = scratch ?? UnsafeMutableRawBufferPointer.allocate(byteCount: scratchSize, alignment: 1)
        scratch = memory
        let target = UnsafeMutableRawBufferPointer(rebasing: memory[scratchUsed..<scratchUsed + text.count])
        target.copyBytes(from: text)
        scratchUsed += text.count
        return UnsafeRawBufferPointer(target)
    }

    private mutating func skipBlanks() {
        guard format == .text else { return }
        while position < end, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    }

    private func failure(_ what: String) -> WireError {
        .malformedLine(line: Self.line(of: position, in: bytes), what: what)
    }

    /// The text of a quoted string: `\\`, `\n` and, with `quotes`, `\"` are escapes; other backslashes stand for themselves.
    static func unescape(_ raw: UnsafeRawBufferPointer, quotes: Bool = true) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            let byte = raw[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < raw.count else {
                out.append(byte)
                continue
            }
            switch raw[index] {
            case UInt8(ascii: "n"): out.append(0x0a)
            case UInt8(ascii: "\\"): out.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "\"") where quotes: out.append(UInt8(ascii: "\""))
            default:
                out.append(byte)
                out.append(raw[index])
            }
            index += 1
        }
        return out
    }

    /// The line that `offset` is on, counting from 1.
    static func line(of offset: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        var line = 1
        var from = 0
        let limit = min(offset, bytes.count)
        while let found = Bytes.firstIndex(of: 0x0a, in: bytes, from: from), found < limit {
            line += 1
            from = found + 1
        }
        return line
    }
}
