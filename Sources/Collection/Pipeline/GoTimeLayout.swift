import MartletCore

/// A layout of Go's time package (`2006-01-02 15:04:05.000 -0700`) for reading timestamps out of lines.
package struct GoTimeLayout: Sendable {
    private enum Token: Sendable {
        case literal([UInt8])
        case year4, year2, month, month2, monthName, monthShort, day, day2, dayBlank, yearDay, weekday, weekdayShort
        case hour24, hour12, hour12Two, minute, minute2, second, second2, meridiem, zoneName
        case zone(colon: Bool, seconds: Bool, utcIsZ: Bool, short: Bool)
        case fraction
    }

    private let tokens: [Token]

    /// Layout elements by their spelling; a longer one that begins alike stands first.
    private static let elements: [(text: String, token: Token)] = [
        ("2006", .year4), ("January", .monthName), ("Jan", .monthShort), ("Monday", .weekday), ("Mon", .weekdayShort),
        ("MST", .zoneName), ("002", .yearDay), ("01", .month2), ("02", .day2), ("03", .hour12Two), ("04", .minute2),
        ("05", .second2), ("06", .year2), ("_2", .dayBlank), ("15", .hour24), ("PM", .meridiem), ("pm", .meridiem),
        ("-07:00:00", .zone(colon: true, seconds: true, utcIsZ: false, short: false)),
        ("-070000", .zone(colon: false, seconds: true, utcIsZ: false, short: false)),
        ("-07:00", .zone(colon: true, seconds: false, utcIsZ: false, short: false)),
        ("-0700", .zone(colon: false, seconds: false, utcIsZ: false, short: false)),
        ("-07", .zone(colon: false, seconds: false, utcIsZ: false, short: true)),
        ("Z07:00", .zone(colon: true, seconds: false, utcIsZ: true, short: false)),
        ("Z0700", .zone(colon: false, seconds: false, utcIsZ: true, short: false)),
        ("1", .month), ("2", .day), ("3", .hour12), ("4", .minute), ("5", .second),
    ]

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// The layouts that have a name in Go and in Promtail.
    package static let named: [String: String] = [
        "ANSIC": "Mon Jan _2 15:04:05 2006", "UnixDate": "Mon Jan _2 15:04:05 MST 2006",
        "RubyDate": "Mon Jan 02 15:04:05 -0700 2006", "RFC822": "02 Jan 06 15:04 MST",
        "RFC822Z": "02 Jan 06 15:04 -0700", "RFC850": "Monday, 02-Jan-06 15:04:05 MST",
        "RFC1123": "Mon, 02 Jan 2006 15:04:05 MST", "RFC1123Z": "Mon, 02 Jan 2006 15:04:05 -0700",
        "RFC3339": "2006-01-02T15:04:05Z07:00", "RFC3339Nano": "2006-01-02T15:04:05.999999999Z07:00",
    ]

    /// A layout, or the name of one.
    package init(_ layout: String) {
        let bytes = Array((GoTimeLayout.named[layout] ?? layout).utf8)
        var tokens: [Token] = []
        var literal: [UInt8] = []
        var at = 0
        while at < bytes.count {
            // .000 and .999 (or with a comma) are fractions when no digit follows them.
            if bytes[at] == 0x2E || bytes[at] == 0x2C, at + 1 < bytes.count,
                bytes[at + 1] == 0x30 || bytes[at + 1] == 0x39
            {
                var end = at + 1
                while end < bytes.count, bytes[end] == bytes[at + 1] { end += 1 }
                if end == bytes.count || !(0x30...0x39).contains(bytes[end]) {
                    if !literal.isEmpty { tokens.append(.literal(literal)) }
                    literal = []
                    tokens.append(.fraction)
                    at = end
                    continue
                }
            }
            if let element = GoTimeLayout.elements.first(where: { bytes[at...].starts(with: $0.text.utf8) }) {
                if !literal.isEmpty { tokens.append(.literal(literal)) }
                literal = []
                tokens.append(element.token)
                at += element.text.utf8.count
            } else {
                literal.append(bytes[at])
                at += 1
            }
        }
        if !literal.isEmpty { tokens.append(.literal(literal)) }
        self.tokens = tokens
    }

    /// Unix nanoseconds of `text`, or nil when it does not fit. Without a zone it is UTC; a layout without a year takes
    /// `year`, as syslog's lines need.
    package func parse(_ text: String, year: Int) -> Int64? {
        var reader = FieldReader(bytes: Array(text.utf8))
        var time = CivilTime(year: year, month: 1, day: 1)
        var offset = 0
        var afternoon: Bool?
        var yearDay: Int?
        for token in tokens {
            var number: Int?
            switch token {
            case .literal(let literal): number = reader.skip(literal) ? 0 : nil
            case .year4:
                number = reader.digits(4...4)
                time.year = number ?? 0
            case .year2:
                number = reader.digits(2...2)
                time.year = (number ?? 0) + ((number ?? 0) >= 69 ? 1900 : 2000)
            case .month, .month2:
                number = reader.digits(GoTimeLayout.width(token))
                time.month = number ?? 0
            case .monthName, .monthShort:
                number = reader.name(GoTimeLayout.months, full: GoTimeLayout.isFull(token)).map { $0 + 1 }
                time.month = number ?? 0
            case .day, .day2, .dayBlank:
                if case .dayBlank = token { _ = reader.skip([0x20]) }
                number = reader.digits(GoTimeLayout.width(token))
                time.day = number ?? 0
            case .yearDay:
                number = reader.digits(3...3)
                yearDay = number
            case .weekday, .weekdayShort: number = reader.name(GoTimeLayout.weekdays, full: GoTimeLayout.isFull(token))
            case .hour24, .hour12, .hour12Two:
                number = reader.digits(GoTimeLayout.width(token))
                time.hour = number ?? 0
            case .minute, .minute2:
                number = reader.digits(GoTimeLayout.width(token))
                time.minute = number ?? 0
            case .second, .second2:
                number = reader.digits(GoTimeLayout.width(token))
                time.second = number ?? 0
                // Go reads a fraction after the seconds even where the layout has none.
                if let fraction = reader.fraction() { time.nanosecond = fraction }
            case .fraction: number = 0  // Read with the seconds; a time without it fits too.
            case .meridiem:
                number = reader.meridiem().map { $0 ? 1 : 0 }
                afternoon = number == 1
            case .zoneName: number = reader.zoneName() ? 0 : nil
            case .zone(let colon, let seconds, let utcIsZ, let short):
                number = reader.zone(colon: colon, seconds: seconds, utcIsZ: utcIsZ, short: short)
                offset = number ?? 0
            }
            guard number != nil else { return nil }
        }
        guard reader.isAtEnd else { return nil }
        if let afternoon { time.hour = time.hour % 12 + (afternoon ? 12 : 0) }
        guard (1...12).contains(time.month), time.hour < 24, time.minute < 60, time.second < 60 else { return nil }
        if let yearDay {
            guard (1...366).contains(yearDay) else { return nil }
            let start = CivilTime(year: time.year, month: 1, day: 1).unixSeconds + Int64(yearDay - 1) * 86400
            let date = CivilTime(unixSeconds: start)
            time.month = date.month
            time.day = date.day
        }
        guard (1...CivilTime.daysInMonth(year: time.year, month: time.month)).contains(time.day) else { return nil }
        return RFC3339.Moment(seconds: time.unixSeconds - Int64(offset), nanosecond: time.nanosecond).unixNanoseconds
    }

    /// True when the layout says nothing of the year.
    package var lacksYear: Bool {
        !tokens.contains {
            switch $0 {
            case .year4, .year2: true
            default: false
            }
        }
    }

    private static func width(_ token: Token) -> ClosedRange<Int> {
        switch token {
        case .month2, .day2, .hour12Two, .minute2, .second2: 2...2
        default: 1...2
        }
    }

    private static func isFull(_ token: Token) -> Bool {
        switch token {
        case .monthName, .weekday: true
        default: false
        }
    }
}
