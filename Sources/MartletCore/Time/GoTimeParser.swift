/// Reads times by Go's layouts, as `time.ParseInLocation` does: what the layout does not name is that of 1 January at
/// midnight.
struct GoTimeParser {
    private let tokens: [GoTimeLayout.Token]
    private let text: [UInt8]
    private var at = 0
    private var year: Int
    private var month: Int?
    private var day: Int?
    private var dayOfYear: Int?
    private var hour = 0
    private var minute = 0
    private var second = 0
    private var nanosecond = 0
    private var isPM: Bool?
    private var zoneName: String?
    private var offset: Int?

    /// See `GoTimeLayout.parse`.
    static func parse(_ text: String, layout: GoTimeLayout, zone: TimeZoneFile, year: Int) -> ZonedTime? {
        var parser = GoTimeParser(tokens: layout.tokens, text: Array(text.utf8), year: year)
        guard parser.run() else { return nil }
        return parser.time(zone)
    }

    private init(tokens: [GoTimeLayout.Token], text: [UInt8], year: Int) {
        self.tokens = tokens
        self.text = text
        self.year = year
    }

    private mutating func run() -> Bool {
        for (index, token) in tokens.enumerated() {
            switch token {
            case .literal(let bytes): guard skip(bytes) else { return false }
            case .field(let field, _):
                guard read(field) else { return false }
                // A fraction may follow the seconds even where the layout has none.
                if field == .second || field == .zeroSecond, !isFraction(after: index), isFraction { readFraction() }
            }
        }
        return at == text.count
    }

    private var peek: UInt8? { at < text.count ? text[at] : nil }

    private func isDigit(_ index: Int) -> Bool { index < text.count && (0x30...0x39).contains(text[index]) }

    private func isFraction(after index: Int) -> Bool {
        if index + 1 < tokens.count, case .field(.fraction, _) = tokens[index + 1] { true } else { false }
    }

    private var isFraction: Bool {
        (peek == UInt8(ascii: ".") || peek == UInt8(ascii: ",")) && isDigit(at + 1)
    }

    /// Bytes that stand for themselves; blanks stand for any number of blanks.
    private mutating func skip(_ literal: [UInt8]) -> Bool {
        var index = 0
        while index < literal.count {
            guard literal[index] == UInt8(ascii: " ") else {
                guard peek == literal[index] else { return false }
                at += 1
                index += 1
                continue
            }
            if let peek, peek != UInt8(ascii: " ") { return false }
            while index < literal.count, literal[index] == UInt8(ascii: " ") { index += 1 }
            while peek == UInt8(ascii: " ") { at += 1 }
        }
        return true
    }

    private mutating func read(_ field: GoTimeField) -> Bool {
        switch field {
        case .longYear: return number(4, into: \.year)
        case .year:
            guard number(2, into: \.year) else { return false }
            year += year >= 69 ? 1900 : 2000
            return true
        case .longMonth: return name(GoTimeLayout.months, length: nil).map { month = $0 + 1 } != nil
        case .month: return name(GoTimeLayout.months, length: 3).map { month = $0 + 1 } != nil
        case .numMonth, .zeroMonth: return optional(field == .zeroMonth, 1...12, into: \.month)
        case .longWeekday: return name(GoTimeLayout.days, length: nil) != nil
        case .weekday: return name(GoTimeLayout.days, length: 3) != nil
        case .day, .underDay, .zeroDay:
            if field == .underDay, peek == UInt8(ascii: " ") { at += 1 }
            return optional(field == .zeroDay, 0...31, into: \.day)
        case .underYearDay, .zeroYearDay:
            var width = 3
            while field == .underYearDay, width > 1, peek == UInt8(ascii: " ") {
                at += 1
                width -= 1
            }
            guard let value = digits(width...width) else { return false }
            dayOfYear = value
            return true
        case .hour: return short(false, 0...23, into: \.hour)
        case .hour12, .zeroHour12: return short(field == .zeroHour12, 0...12, into: \.hour)
        case .minute, .zeroMinute: return short(field == .zeroMinute, 0...59, into: \.minute)
        case .second, .zeroSecond: return short(field == .zeroSecond, 0...59, into: \.second)
        case .upperPM, .lowerPM: return half(isUpper: field == .upperPM)
        case .zoneName: return readZoneName()
        case .offset(let isISO, let hasColons, let parts): return readOffset(isISO, hasColons, parts)
        case .fraction(let isFixed, let count):
            if isFixed {
                guard let first = peek, first == UInt8(ascii: ".") || first == UInt8(ascii: ","),
                    (1...count).allSatisfy({ isDigit(at + $0) })
                else { return false }
                readFraction(digits: count)
            } else if isFraction {
                readFraction()
            }
            return true
        }
    }

    private mutating func digits(_ count: ClosedRange<Int>) -> Int? {
        var value = 0
        var length = 0
        while length < count.upperBound, isDigit(at + length) {
            value = value * 10 + Int(text[at + length] - 0x30)
            length += 1
        }
        guard length >= count.lowerBound else { return nil }
        at += length
        return value
    }

    private mutating func number(_ width: Int, into field: WritableKeyPath<GoTimeParser, Int>) -> Bool {
        guard let value = digits(width...width) else { return false }
        self[keyPath: field] = value
        return true
    }

    private mutating func short(
        _ isFixed: Bool, _ range: ClosedRange<Int>, into field: WritableKeyPath<GoTimeParser, Int>
    ) -> Bool {
        guard let value = digits((isFixed ? 2 : 1)...2), range.contains(value) else { return false }
        self[keyPath: field] = value
        return true
    }

    private mutating func optional(
        _ isFixed: Bool, _ range: ClosedRange<Int>, into field: WritableKeyPath<GoTimeParser, Int?>
    ) -> Bool {
        guard let value = digits((isFixed ? 2 : 1)...2), range.contains(value) else { return false }
        self[keyPath: field] = value
        return true
    }

    /// The place of the name that stands here, in any case.
    private mutating func name(_ names: [String], length: Int?) -> Int? {
        for (index, name) in names.enumerated() {
            let bytes = Array(name.utf8.prefix(length ?? name.utf8.count))
            guard at + bytes.count <= text.count,
                zip(bytes, text[at...]).allSatisfy({ $0 | 0x20 == $1 | 0x20 })
            else { continue }
            at += bytes.count
            return index
        }
        return nil
    }

    private mutating func half(isUpper: Bool) -> Bool {
        for (word, pm) in [("am", false), ("pm", true)] {
            guard text[at...].starts(with: (isUpper ? word.uppercased() : word).utf8) else { continue }
            at += 2
            isPM = pm
            return true
        }
        return false
    }

    /// Three or four capitals, as most zones are called.
    private mutating func readZoneName() -> Bool {
        let letters = text[at...].prefix { (0x41...0x5A).contains($0) }
        guard (3...5).contains(letters.count) else { return false }
        zoneName = String(decoding: letters, as: UTF8.self)
        at += letters.count
        return true
    }

    private mutating func readOffset(_ isISO: Bool, _ hasColons: Bool, _ parts: Int) -> Bool {
        if isISO, peek == UInt8(ascii: "Z") {
            at += 1
            offset = 0
            zoneName = "UTC"
            return true
        }
        guard let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return false }
        at += 1
        var seconds = 0
        for (part, unit) in [3600, 60, 1].prefix(parts).enumerated() {
            if part > 0, hasColons {
                guard peek == UInt8(ascii: ":") else { return false }
                at += 1
            }
            guard let value = digits(2...2), value < (part == 0 ? 25 : 60) else { return false }
            seconds += value * unit
        }
        offset = sign == UInt8(ascii: "-") ? -seconds : seconds
        return true
    }

    /// A separator and digits, of which nine count.
    private mutating func readFraction(digits limit: Int = .max) {
        at += 1
        var scale = 100_000_000
        var count = 0
        nanosecond = 0
        while count < limit, isDigit(at) {
            nanosecond += Int(text[at] - 0x30) * scale
            scale /= 10
            at += 1
            count += 1
        }
    }

    private func time(_ zone: TimeZoneFile) -> ZonedTime? {
        var hour = hour
        if let isPM {
            if isPM, hour < 12 { hour += 12 } else if !isPM, hour == 12 { hour = 0 }
        }
        var month = month ?? 1
        var day = day ?? 1
        if let dayOfYear {
            guard dayOfYear >= 1, dayOfYear <= (CivilTime.daysInMonth(year: year, month: 2) == 29 ? 366 : 365) else {
                return nil
            }
            let start = CivilTime(year: year, month: 1, day: 1).unixSeconds
            let date = CivilTime(unixSeconds: start + Int64(dayOfYear - 1) * 86400)
            (month, day) = (date.month, date.day)
        }
        guard day >= 1, day <= CivilTime.daysInMonth(year: year, month: month) else { return nil }
        let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        let seconds = civil.unixSeconds
        if let offset {
            let moment = seconds - Int64(offset)
            // The zone's own name where it has this offset then.
            let period = zoneName == "UTC" ? TimeZoneFile.utc.period(at: 0) : zone.period(at: moment)
            let known = period.offset == offset
            return ZonedTime(
                seconds: moment, nanosecond: nanosecond,
                zone: known ? period : TimeZoneFile.Period(offset: offset, abbreviation: zoneName ?? ""))
        }
        if let zoneName {
            let period = zoneName == "UTC" ? TimeZoneFile.utc.period(at: 0) : Self.period(seconds, zone)
            guard period.abbreviation == zoneName else {
                return ZonedTime(
                    seconds: seconds, nanosecond: nanosecond,
                    zone: TimeZoneFile.Period(offset: 0, abbreviation: zoneName))
            }
            return ZonedTime(seconds: seconds - Int64(period.offset), nanosecond: nanosecond, zone: period)
        }
        let period = Self.period(seconds, zone)
        return ZonedTime(seconds: seconds - Int64(period.offset), nanosecond: nanosecond, zone: period)
    }

    /// What holds in a zone at a local time, given in seconds as if it were UTC.
    private static func period(_ local: Int64, _ zone: TimeZoneFile) -> TimeZoneFile.Period {
        let guess = zone.period(at: local - Int64(zone.offset(at: local)))
        return zone.period(at: local - Int64(guess.offset))
    }
}
