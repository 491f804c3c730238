/// A POSIX TZ string such as `CET-1CEST,M3.5.0,M10.5.0/3`: the rule for times beyond a zone file's table.
package struct PosixZone: Sendable, Hashable {
    private struct Change: Sendable, Hashable {
        /// Mm.w.d: month, week (5 = last) and weekday.
        var month = 0, week = 0, weekday = 0
        /// Jn (from 1, without leap days) or n (from 0).
        var julian: Int?
        var dayOfYear: Int?
        /// Local seconds after midnight.
        var time = 7200
    }

    private let standard: TimeZoneFile.Period
    private let daylight: TimeZoneFile.Period
    private let begin: Change?
    private let end: Change?

    /// Nil when the text is not such a string.
    package init?(_ text: String) {
        var scan = Scan(bytes: Array(text.utf8))
        guard let name = scan.name(), let west = scan.time(limit: 24) else { return nil }
        standard = TimeZoneFile.Period(offset: -west, abbreviation: name)
        if scan.isAtEnd {
            daylight = standard
            begin = nil
            end = nil
            return
        }
        guard let summerName = scan.name() else { return nil }
        if scan.peek == 0x2C {
            daylight = TimeZoneFile.Period(offset: standard.offset + 3600, abbreviation: summerName)
        } else {
            guard let west = scan.time(limit: 24) else { return nil }
            daylight = TimeZoneFile.Period(offset: -west, abbreviation: summerName)
        }
        guard let from = scan.change(), let to = scan.change(), scan.isAtEnd else { return nil }
        begin = from
        end = to
    }

    /// What holds at a Unix time.
    package func period(at seconds: Int64) -> TimeZoneFile.Period {
        guard let begin, let end else { return standard }
        let year = CivilTime(unixSeconds: seconds + Int64(standard.offset)).year
        let from = PosixZone.moment(begin, year: year) - Int64(standard.offset)
        let to = PosixZone.moment(end, year: year) - Int64(daylight.offset)
        // South of the equator daylight saving time spans the turn of the year.
        let isDaylight = from < to ? (from..<to).contains(seconds) : !(to..<from).contains(seconds)
        return isDaylight ? daylight : standard
    }

    private static func moment(_ change: Change, year: Int) -> Int64 {
        let start = CivilTime(year: year, month: 1, day: 1).unixSeconds
        if let day = change.dayOfYear { return start + Int64(day * 86400 + change.time) }
        if let day = change.julian {
            let isLeap = CivilTime.daysInMonth(year: year, month: 2) == 29
            return start + Int64((day - 1 + (isLeap && day > 59 ? 1 : 0)) * 86400 + change.time)
        }
        let first = CivilTime(year: year, month: change.month, day: 1)
        var day = 1 + (change.weekday - first.weekday + 7) % 7 + (change.week - 1) * 7
        while day > first.daysInMonth { day -= 7 }
        return CivilTime(year: year, month: change.month, day: day).unixSeconds + Int64(change.time)
    }

    private struct Scan {
        let bytes: [UInt8]
        var at = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { at == bytes.count }
        var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

        /// Letters, or anything in angle brackets; nil when there is no name.
        mutating func name() -> String? {
            let start = at
            if peek == 0x3C {
                while let byte = peek, byte != 0x3E {
                    _ = byte
                    at += 1
                }
                guard peek == 0x3E else { return nil }
                at += 1
                return String(decoding: bytes[start + 1..<at - 1], as: UTF8.self)
            }
            while let byte = peek, (0x41...0x5A).contains(byte & 0xDF) { at += 1 }
            return at - start >= 3 ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
        }

        mutating func number() -> Int? {
            var value = 0
            let start = at
            while let byte = peek, (0x30...0x39).contains(byte), at - start < 4 {
                value = value * 10 + Int(byte - 0x30)
                at += 1
            }
            return at > start ? value : nil
        }

        /// `[+-]h[h[h]][:mm[:ss]]` in seconds.
        mutating func time(limit: Int) -> Int? {
            var sign = 1
            if peek == 0x2D || peek == 0x2B {
                sign = peek == 0x2D ? -1 : 1
                at += 1
            }
            guard let hours = number(), hours <= limit else { return nil }
            var total = hours * 3600
            for unit in [60, 1] where peek == 0x3A {
                at += 1
                guard let part = number(), part < 60 else { return nil }
                total += part * unit
            }
            return sign * total
        }

        mutating func change() -> Change? {
            guard peek == 0x2C else { return nil }
            at += 1
            var change = Change()
            if peek == 0x4D {
                at += 1
                guard let month = number(), (1...12).contains(month), peek == 0x2E else { return nil }
                at += 1
                guard let week = number(), (1...5).contains(week), peek == 0x2E else { return nil }
                at += 1
                guard let weekday = number(), (0...6).contains(weekday) else { return nil }
                change.month = month
                change.week = week
                change.weekday = weekday
            } else if peek == 0x4A {
                at += 1
                guard let day = number(), (1...365).contains(day) else { return nil }
                change.julian = day
            } else {
                guard let day = number(), day <= 365 else { return nil }
                change.dayOfYear = day
            }
            if peek == 0x2F {
                at += 1
                guard let time = time(limit: 167) else { return nil }
                change.time = time
            }
            return change
        }
    }
}
