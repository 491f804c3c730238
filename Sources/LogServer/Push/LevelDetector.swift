import MartletCore

/// Finds a line's level: in the fields of a JSON object (two levels deep) or of logfmt, between dashes, else by the words in
/// it. Knows Pino's numbers, and that Serilog's compact format says nothing about what is information.
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
        let found = line.first == UInt8(ascii: "{") ? json(line) : logfmt(line) ?? Self.dashed(line)
        return found ?? Self.words(line)
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
            var end = start
            // No further than a date and a logger's name may be long.
            let limit = min(line.count - 2, start + 100)
            while end < limit,
                !(line[end] == UInt8(ascii: " ") && line[end + 1] == UInt8(ascii: "-")
                    && line[end + 2] == UInt8(ascii: " "))
            {
                end += 1
            }
            guard end < limit else { return nil }
            if let level = LogLevel(value: UnsafeRawBufferPointer(rebasing: line[start..<end])) { return level }
            start = end + 3
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

    /// The level by the words in the line, in Loki's order: info, err or error, warn or warning, critical, debug; in lower or
    /// upper case. One pass: a word can begin at few letters only, and its first four bytes are compared at once.
    private static func words(_ line: UnsafeRawBufferPointer) -> LogLevel {
        var best = LogLevel.unknown
        var rank = Int.max
        var index = 0
        let last = line.count - 4
        while index <= last {
            let letter = (line[index] | 0x20) &- UInt8(ascii: "a")
            index += 1
            guard letter < 26, Self.initials & 1 << UInt32(letter) != 0 else { continue }
            let four = UInt32(littleEndian: line.loadUnaligned(fromByteOffset: index - 1, as: UInt32.self))
            for word in heads where word.head == four && word.rank < rank {
                guard word.tails.contains(where: { follows($0, line, index + 3) }) else { continue }
                if word.rank == 0 { return word.level }
                best = word.level
                rank = word.rank
            }
        }
        return best
    }

    private struct Word {
        var head: UInt32
        var tails: [[UInt8]]
        var rank: Int
        var level: LogLevel
    }

    /// Bits of the letters i, e, w, c, d.
    private static let initials: UInt32 = "iewcd".utf8.reduce(0) { $0 | 1 << UInt32($1 - UInt8(ascii: "a")) }

    private static let heads: [Word] = [
        ("info", [""], LogLevel.info), ("err:", [""], .error), ("erro", ["r"], .error), ("warn", [":", "ing"], .warn),
        ("crit", ["ical:"], .critical), ("debu", ["g:"], .debug),
    ].enumerated().flatMap { rank, word in
        [word.0, word.0.uppercased()].map { head in
            let isUpper = head != word.0
            return Word(
                head: head.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) },
                tails: word.1.map { Array((isUpper ? $0.uppercased() : $0).utf8) }, rank: rank, level: word.2)
        }
    }

    private static func follows(_ tail: [UInt8], _ line: UnsafeRawBufferPointer, _ offset: Int) -> Bool {
        guard offset + tail.count <= line.count else { return false }
        for (index, byte) in tail.enumerated() where line[offset + index] != byte { return false }
        return true
    }
}
