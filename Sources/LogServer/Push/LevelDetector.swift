import MartletCore

/// Finds a line's level: in the fields of a JSON object (two levels deep) or of logfmt, between dashes, else by the first word
/// of it that names one. Knows Pino's numbers, and that Serilog's compact format says nothing about what is information.
struct LevelDetector: Sendable {
    private let fields: LevelFields
    private let encodings = LogLevel.encodings

    init(fields: [String]) {
        self.fields = LevelFields(fields)
    }

    /// Whether `name` is a field that carries the level.
    func isField(_ name: UnsafeRawBufferPointer) -> Bool {
        fields.contains(name)
    }

    /// A level as metadata, in `Labels`' encoding.
    func metadata(_ level: LogLevel) -> [UInt8] { encodings[level.rawValue] }

    /// The level of a line.
    func level(of line: UnsafeRawBufferPointer) -> LogLevel {
        let found = line.first == UInt8(ascii: "{") ? json(line) : logfmt(line) ?? Self.dashed(line)
        return found ?? LevelWords.first(in: line) ?? .unknown
    }

    /// Scans keys and values without building anything; wrong JSON simply ends the search.
    private func json(_ line: UnsafeRawBufferPointer) -> LogLevel? {
        var index = 1
        var depth = 1
        var serilog = (time: false, message: false)
        while index < line.count {
            switch line[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let start = index + 1
                guard let end = Self.closingQuote(line, start) else { return nil }
                index = end
                guard depth <= 2, end + 1 < line.count,
                    line[end + 1] == UInt8(ascii: ":") || line[end + 1] == UInt8(ascii: " ")
                else { break }
                if depth == 1, start < end, line[start] == UInt8(ascii: "@") {
                    let key = line[start..<end]
                    if key.elementsEqual("@t".utf8) { serilog.time = true }
                    if key.elementsEqual("@mt".utf8) || key.elementsEqual("@m".utf8) { serilog.message = true }
                }
                guard isField(UnsafeRawBufferPointer(rebasing: line[start..<end])) else { break }
                var value = end + 1
                while value < line.count, line[value] == UInt8(ascii: " ") || line[value] == UInt8(ascii: ":") {
                    value += 1
                }
                if let level = Self.number(line, value) { return level }
                guard value < line.count, line[value] == UInt8(ascii: "\""),
                    let close = Self.closingQuote(line, value + 1)
                else { break }
                if let level = LogLevel(value: UnsafeRawBufferPointer(rebasing: line[(value + 1)..<close])) {
                    return level
                }
                index = close
            default: break
            }
            index += 1
        }
        return serilog.time && serilog.message ? .info : nil
    }

    /// Pino's levels: tens from 10 to 60.
    private static func number(_ line: UnsafeRawBufferPointer, _ start: Int) -> LogLevel? {
        guard start + 2 < line.count, line[start + 1] == UInt8(ascii: "0"), !(0x30...0x39).contains(line[start + 2])
        else { return nil }
        return switch line[start] {
        case UInt8(ascii: "1"): .trace
        case UInt8(ascii: "2"): .debug
        case UInt8(ascii: "3"): .info
        case UInt8(ascii: "4"): .warn
        case UInt8(ascii: "5"): .error
        case UInt8(ascii: "6"): .fatal
        default: nil
        }
    }

    /// `date - logger - LEVEL - message`: one of the first parts is a level's name and nothing else.
    private static func dashed(_ line: UnsafeRawBufferPointer) -> LogLevel? {
        var start = 0
        for _ in 0..<4 {
            guard let end = endOfPart(line, start) else { return nil }
            if let level = LogLevel(value: UnsafeRawBufferPointer(rebasing: line[start..<end])) { return level }
            start = end + 3
        }
        return nil
    }

    /// Where the next ` - ` begins, no further than a date and a logger's name may be long.
    private static func endOfPart(_ line: UnsafeRawBufferPointer, _ start: Int) -> Int? {
        let limit = min(line.count - 2, start + 100)
        guard start < limit else { return nil }
        let near = UnsafeRawBufferPointer(rebasing: line[...limit])
        var from = start + 1
        while let dash = Bytes.firstIndex(of: UInt8(ascii: "-"), in: near, from: from) {
            if line[dash - 1] == UInt8(ascii: " "), line[dash + 1] == UInt8(ascii: " ") { return dash - 1 }
            from = dash + 1
        }
        return nil
    }

    private static func closingQuote(_ line: UnsafeRawBufferPointer, _ start: Int) -> Int? {
        var from = start
        while let quote = Bytes.firstIndex(of: UInt8(ascii: "\""), in: line, from: from) {
            var slashes = 0
            while quote - slashes > start, line[quote - slashes - 1] == UInt8(ascii: "\\") { slashes += 1 }
            if slashes % 2 == 0 { return quote }
            from = quote + 1
        }
        return nil
    }

    /// Looks at the key before each `=`.
    private func logfmt(_ line: UnsafeRawBufferPointer) -> LogLevel? {
        var from = 0
        while let equals = Bytes.firstIndex(of: UInt8(ascii: "="), in: line, from: from) {
            var start = equals
            while start > from, line[start - 1] > UInt8(ascii: " "), line[start - 1] != UInt8(ascii: "\"") {
                start -= 1
            }
            from = equals + 1
            guard isField(UnsafeRawBufferPointer(rebasing: line[start..<equals])) else { continue }
            var end = from
            // No further than a level's name may be long: a line of `level=level=…` must not be read over and over.
            let quoted = end < line.count && line[end] == UInt8(ascii: "\"")
            if quoted {
                from += 1
                end = from
            }
            let limit = min(line.count, end + LogLevel.maxNameBytes + 1)
            while end < limit, quoted ? line[end] != UInt8(ascii: "\"") : line[end] > UInt8(ascii: " ") { end += 1 }
            if let level = LogLevel(value: UnsafeRawBufferPointer(rebasing: line[from..<end])) { return level }
        }
        return nil
    }
}
