import MartletCore

/// Finds a line's level: in the fields of a JSON object (two levels deep) or of logfmt, else by the words in it.
struct LevelDetector: Sendable {
    private let fields: [[UInt8]]
    /// Bit n is set when a field name has n bytes; most keys are ruled out by their length.
    private let lengths: UInt64

    init(fields: [String]) {
        self.fields = fields.map { Array($0.utf8) }
        lengths = self.fields.reduce(0) { $0 | 1 << UInt64(min($1.count, 63)) }
    }

    /// Whether `name` is a field that carries the level.
    func isField(_ name: UnsafeRawBufferPointer) -> Bool {
        guard lengths & 1 << UInt64(min(name.count, 63)) != 0 else { return false }
        return fields.contains { $0.withUnsafeBytes { Bytes.equal($0, name) } }
    }

    /// The level of a line.
    func level(of line: UnsafeRawBufferPointer) -> LogLevel {
        let found = line.first == UInt8(ascii: "{") ? json(line) : logfmt(line)
        return found ?? Self.words(line)
    }

    /// Scans keys and values without building anything; wrong JSON simply ends the search.
    private func json(_ line: UnsafeRawBufferPointer) -> LogLevel? {
        var index = 1
        var depth = 1
        while index < line.count {
            switch line[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let start = index + 1
                guard let end = Self.closingQuote(line, start) else { return nil }
                index = end
                guard depth <= 2, end + 1 < line.count,
                    line[end + 1] == UInt8(ascii: ":") || line[end + 1] == UInt8(ascii: " "),
                    isField(UnsafeRawBufferPointer(rebasing: line[start..<end]))
                else { break }
                var value = end + 1
                while value < line.count, line[value] == UInt8(ascii: " ") || line[value] == UInt8(ascii: ":") {
                    value += 1
                }
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
            if end < line.count, line[end] == UInt8(ascii: "\"") {
                from += 1
                end = from
                while end < line.count, line[end] != UInt8(ascii: "\"") { end += 1 }
            } else {
                while end < line.count, line[end] > UInt8(ascii: " ") { end += 1 }
            }
            if let level = LogLevel(value: UnsafeRawBufferPointer(rebasing: line[from..<end])) { return level }
        }
        return nil
    }

    /// The first of these words that the line contains, in Loki's order.
    private static let words: [(text: [UInt8], level: LogLevel)] = [
        ("info", LogLevel.info), ("INFO", .info), ("err:", .error), ("ERR:", .error), ("error", .error),
        ("ERROR", .error),
        ("warn:", .warn), ("WARN:", .warn), ("warning", .warn), ("WARNING", .warn), ("CRITICAL:", .critical),
        ("critical:", .critical), ("debug:", .debug), ("DEBUG:", .debug),
    ].map { (Array($0.0.utf8), $0.1) }

    private static func words(_ line: UnsafeRawBufferPointer) -> LogLevel {
        for word in words where word.text.withUnsafeBytes({ Bytes.find($0, in: line) != nil }) { return word.level }
        return .unknown
    }
}
