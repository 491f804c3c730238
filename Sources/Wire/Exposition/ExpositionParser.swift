import MartletCore

/// Reads metrics in text form, line by line and without copies: `next()` finds a line and its numbers, and gives the raw text
/// of a series, by which a scraper recognises what it saw before. Label sets are parsed, and checked, only on demand.
///
/// ```
/// var parser = ExpositionParser(bytes, format: .text)
/// while let entry = try parser.next() {
///     guard case .series = entry else { continue }
///     // parser.series, parser.value, parser.timestamp; parser.labels() when parser.series is new
/// }
/// ```
/// Accepts what Prometheus' parsers accept (text 0.0.4 and OpenMetrics 1.0, both with quoted UTF-8 names). Like them it
/// spells `le` after the TYPE line of a histogram, and `quantile` after that of a summary, as OpenMetrics does. The buffer
/// must outlive the parser; ranges refer to it.
package struct ExpositionParser {
    /// An exemplar of OpenMetrics.
    package struct Exemplar: Sendable, Hashable {
        /// Raw text of the label set, braces included.
        package var labels: ByteRange
        /// The observed value.
        package var value: Double
        /// Milliseconds since the Unix epoch; nil when none was written.
        package var timestamp: Int64?
    }

    @usableFromInline let bytes: UnsafeRawBufferPointer
    let format: ExpositionFormat
    private let isPiece: Bool
    var position = 0
    /// Whether `# EOF` has been read.
    package private(set) var sawEOF = false
    var assembly = LabelAssembly()

    /// Raw text of the sample's name and labels.
    package private(set) var series = ByteRange()
    /// The sample's value; NaN of text is the canonical quiet NaN.
    package private(set) var value = 0.0
    /// Milliseconds since the Unix epoch; nil when none was written.
    package private(set) var timestamp: Int64?
    /// The sample's exemplar.
    package private(set) var exemplar: Exemplar?
    /// Names that the series of the last `labels()` gives with an empty value, and which are not among its labels.
    package internal(set) var emptyLabelNames: [String] = []
    /// Name of the family that a TYPE, HELP or UNIT line is about, without quotes but with escapes.
    package private(set) var family = ByteRange()
    var familyIsQuoted = false
    /// The type of the TYPE line last found.
    package private(set) var type: MetricType
    /// The text of a HELP or UNIT line, with escapes.
    package private(set) var text = ByteRange()

    /// A parser over one scrape. Bodies of 4 GiB and more are refused by the first `next()`. A piece is some lines of a
    /// longer text: its end need not be marked as OpenMetrics' is, and `type` is what the lines before it have left.
    package init(
        _ bytes: UnsafeRawBufferPointer, format: ExpositionFormat, isPiece: Bool = false, type: MetricType = .unknown
    ) {
        self.bytes = bytes
        self.format = format
        self.isPiece = isPiece
        self.type = type
    }

    /// Finds the next line that says something; nil at the end.
    package mutating func next() throws(WireError) -> ExpositionEntry? {
        guard bytes.count <= Int(UInt32.max) else { throw .tooLarge(limit: Int(UInt32.max), what: "scrape in bytes") }
        while position < bytes.count {
            if sawEOF { throw failure("unexpected data after # EOF") }
            let byte = bytes[position]
            if byte == UInt8(ascii: "#") {
                if let entry = try comment() { return entry }
            } else if byte == 0x0a || byte == 0x20 || byte == 0x09 {
                if format == .openMetrics { throw failure("unexpected blank at the start of a line") }
                position += 1
            } else {
                try sample()
                return .series
            }
        }
        if format == .openMetrics, !sawEOF, !isPiece { throw failure("data does not end with # EOF") }
        return nil
    }

    // MARK: Samples

    private mutating func sample() throws(WireError) {
        let start = position
        skipName()
        var end = position
        if format == .text { skipBlanks() }
        if position < bytes.count, bytes[position] == UInt8(ascii: "{") {
            try skipLabels()
            end = position
        } else {
            position = end
            if end == start { throw failure("expected a metric name, got \(quotedByte())") }
        }
        series = ByteRange(offset: start, count: end - start)
        value = try number("value")
        timestamp = nil
        exemplar = nil
        if format == .text {
            skipBlanks()
            if !isAtLineEnd {
                let token = try self.token("timestamp")
                guard let parsed = FloatParser.parseInteger(token) else {
                    throw failure("invalid timestamp \(quoted(token))")
                }
                timestamp = parsed
                skipBlanks()
                if !isAtLineEnd { throw failure("expected the line to end after the timestamp, got \(quotedByte())") }
            }
        } else if !isAtLineEnd {
            if !startsExemplar { timestamp = try seconds("timestamp") }
            if startsExemplar { try readExemplar() }
        }
        try endLine()
    }

    private var startsExemplar: Bool {
        position + 2 < bytes.count && bytes[position] == 0x20 && bytes[position + 1] == UInt8(ascii: "#")
            && bytes[position + 2] == 0x20
    }

    private mutating func readExemplar() throws(WireError) {
        position += 3
        let start = position
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else {
            throw failure("expected the labels of an exemplar, got \(quotedByte())")
        }
        try skipLabels()
        let labels = ByteRange(offset: start, count: position - start)
        let value = try number("value of an exemplar")
        var time: Int64?
        if !isAtLineEnd { time = try seconds("timestamp of an exemplar") }
        exemplar = Exemplar(labels: labels, value: value, timestamp: time)
    }

    /// Passes over a bare metric name, if there is one.
    private mutating func skipName() {
        while position < bytes.count, NameBytes.isMetricName(bytes[position]) { position += 1 }
        // The first byte is no digit: the caller sees an empty name then.
    }

    /// Passes over a label set up to its closing brace; quotes hide braces.
    private mutating func skipLabels() throws(WireError) {
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "}"): return
            case UInt8(ascii: "\""):
                let opening = position - 1
                var isClosed = false
                while position < bytes.count {
                    let inner = bytes[position]
                    position += 1
                    if inner == UInt8(ascii: "\"") {
                        isClosed = true
                        break
                    }
                    if inner == UInt8(ascii: "\\") { position += 1 }
                }
                guard isClosed, position <= bytes.count else {
                    position = opening
                    throw failure("unterminated string in labels")
                }
            case 0x0a:
                position -= 1
                throw failure("unterminated labels")
            default: break
            }
        }
        throw failure("unterminated labels")
    }

    /// The next word; OpenMetrics separates by exactly one space.
    private mutating func token(_ what: StaticString) throws(WireError) -> UnsafeRawBufferPointer {
        if format == .text {
            skipBlanks()
        } else {
            guard position < bytes.count, bytes[position] == 0x20 else {
                throw failure("expected a space before the \(what), got \(quotedByte())")
            }
            position += 1
        }
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x20 || byte == 0x0a || byte == 0x09 { break }
            position += 1
        }
        guard position > start else { throw failure("expected a \(what), got \(quotedByte())") }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    private mutating func number(_ what: StaticString) throws(WireError) -> Double {
        let token = try token(what)
        guard let value = FloatParser.parse(token) else { throw failure("invalid \(what) \(quoted(token))") }
        return value
    }

    /// A time in float seconds as milliseconds.
    private mutating func seconds(_ what: StaticString) throws(WireError) -> Int64 {
        let token = try token(what)
        // Beyond 2^53 milliseconds a float has no milliseconds left.
        guard let value = FloatParser.parse(token), value.magnitude < 9e12 else {
            throw failure("invalid \(what) \(quoted(token))")
        }
        return Int64(value * 1000)
    }

    // MARK: Comments

    /// A line that begins with `#`; nil when it says nothing.
    private mutating func comment() throws(WireError) -> ExpositionEntry? {
        let start = position
        position += 1
        guard position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 && format == .text else {
            return try otherComment(start)
        }
        if format == .text { skipBlanks() } else { position += 1 }
        let keyword = word()
        if format == .openMetrics, keyword.elementsEqual("EOF".utf8) {
            guard isAtLineEnd else { throw failure("unexpected text after # EOF") }
            if position < bytes.count { position += 1 }
            sawEOF = true
            return nil
        }
        let entry: ExpositionEntry
        if keyword.elementsEqual("HELP".utf8) {
            entry = .help
        } else if keyword.elementsEqual("TYPE".utf8) {
            entry = .type
        } else if keyword.elementsEqual("UNIT".utf8), format == .openMetrics {
            entry = .unit
        } else {
            return try otherComment(start)
        }
        // In the text format a keyword without anything behind it is a plain comment.
        if format == .text, isAtLineEnd { return try otherComment(start) }
        try skipSeparator()
        try familyName(entry)
        try readText(entry)
        try endLine()
        return entry
    }

    private mutating func otherComment(_ start: Int) throws(WireError) -> ExpositionEntry? {
        guard format == .text else {
            position = start
            throw failure("expected # HELP, # TYPE, # UNIT or # EOF")
        }
        skipLine()
        return nil
    }

    private mutating func familyName(_ entry: ExpositionEntry) throws(WireError) {
        familyIsQuoted = position < bytes.count && bytes[position] == UInt8(ascii: "\"")
        if familyIsQuoted {
            let start = position + 1
            var at = start
            while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != 0x0a {
                at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw failure("unterminated metric name") }
            family = ByteRange(offset: start, count: at - start)
            position = at + 1
        } else {
            let start = position
            skipName()
            guard position > start, !NameBytes.isDigit(bytes[start]) else {
                throw failure("expected a metric name after \(entry), got \(quotedByte())")
            }
            family = ByteRange(offset: start, count: position - start)
        }
    }

    private mutating func readText(_ entry: ExpositionEntry) throws(WireError) {
        if isAtLineEnd, entry == .help || entry == .unit {
            text = ByteRange(offset: position, count: 0)
            return
        }
        try skipSeparator()
        let start = position
        skipToLineEnd()
        text = ByteRange(offset: start, count: position - start)
        switch entry {
        case .type:
            var name = text.bytes(in: bytes)
            if format == .text {
                while let last = name.last, last == 0x20 || last == 0x09 {
                    name = UnsafeRawBufferPointer(rebasing: name.dropLast())
                }
            }
            guard let type = MetricType(exposition: name) else { throw failure("invalid metric type \(quoted(name))") }
            self.type = type
        case .unit where !text.isEmpty:
            let unit = text.bytes(in: bytes)
            let name = family.bytes(in: bytes)
            guard name.count > unit.count, Bytes.hasSuffix(name, unit),
                name[name.count - unit.count - 1] == UInt8(ascii: "_")
            else { throw failure("unit \(quoted(unit)) is not a suffix of metric \(quoted(name))") }
        case .help:
            guard Bytes.isValidUTF8(text.bytes(in: bytes)) else { throw failure("invalid UTF-8 in a help text") }
        default: break
        }
    }

    // MARK: Lines

    private var isAtLineEnd: Bool { position >= bytes.count || bytes[position] == 0x0a }

    private mutating func skipSeparator() throws(WireError) {
        guard position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 && format == .text else {
            throw failure("expected a blank, got \(quotedByte())")
        }
        if format == .text { skipBlanks() } else { position += 1 }
    }

    private mutating func word() -> UnsafeRawBufferPointer {
        let start = position
        while position < bytes.count, bytes[position] > 0x20 { position += 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    private mutating func skipBlanks() {
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    }

    private mutating func skipToLineEnd() {
        position = Bytes.firstIndex(of: 0x0a, in: bytes, from: position) ?? bytes.count
    }

    private mutating func skipLine() {
        skipToLineEnd()
        if position < bytes.count { position += 1 }
    }

    private mutating func endLine() throws(WireError) {
        guard position < bytes.count else {
            // The text format's last line may lack its newline; in OpenMetrics # EOF follows anyway.
            if format == .openMetrics { throw failure("data does not end with # EOF") }
            return
        }
        guard bytes[position] == 0x0a else { throw failure("expected the line to end, got \(quotedByte())") }
        position += 1
    }

    // MARK: Errors

    /// The line of the series last found, counting from 1: for error messages, since it counts through the text.
    package var seriesLine: Int { SeriesLexer.line(of: series.bounds.lowerBound, in: bytes) }

    func failure(_ what: String) -> WireError {
        .malformedLine(line: SeriesLexer.line(of: position, in: bytes), what: what)
    }

    private func quotedByte() -> String {
        guard position < bytes.count else { return "the end" }
        return "'\(Unicode.Scalar(bytes[position]).escaped(asASCII: true))'"
    }

    private func quoted(_ text: UnsafeRawBufferPointer) -> String {
        var out: [UInt8] = []
        GoQuote.append(UnsafeRawBufferPointer(rebasing: text.prefix(64)), to: &out)
        return String(decoding: out, as: UTF8.self)
    }
}
