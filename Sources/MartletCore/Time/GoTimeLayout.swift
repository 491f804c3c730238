/// A time layout of Go's package time, such as `2006-01-02T15:04:05Z07:00`.
package struct GoTimeLayout: Sendable {
    package static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    package static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// A piece of a layout.
    enum Token: Sendable {
        case literal([UInt8])
        /// A field; `separator` is what stands before a fraction.
        case field(GoTimeField, separator: UInt8)
    }

    let tokens: [Token]

    /// A layout as it is written.
    package init(_ layout: String) {
        let bytes = Array(layout.utf8)
        var tokens: [Token] = []
        var literal: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard let (field, length) = GoTimeField.at(index, of: bytes) else {
                literal.append(bytes[index])
                index += 1
                continue
            }
            if !literal.isEmpty { tokens.append(.literal(literal)) }
            literal = []
            tokens.append(.field(field, separator: bytes[index]))
            index += length
        }
        if !literal.isEmpty { tokens.append(.literal(literal)) }
        self.tokens = tokens
    }

    /// Whether the layout names the year.
    package var hasYear: Bool {
        tokens.contains { token in
            switch token {
            case .field(.longYear, _), .field(.year, _): true
            default: false
            }
        }
    }

    /// The moment that `text` names, in `zone` unless it names another; nil when it does not fit the layout. Without a
    /// year it is in `year`, as syslog's lines need.
    package func parse(_ text: String, zone: TimeZoneFile = .utc, year: Int = 0) -> ZonedTime? {
        GoTimeParser.parse(text, layout: self, zone: zone, year: year)
    }

    /// The time as the layout shows it.
    package func format(_ time: ZonedTime) -> String {
        let civil = time.civil
        var out: [UInt8] = []
        for token in tokens {
            switch token {
            case .literal(let bytes): out += bytes
            case .field(.fraction(let isFixed, let digits), let separator):
                out += Self.fraction(civil, separator: separator, isFixed: isFixed, digits: digits)
            case .field(let field, _): out += Self.text(of: field, civil, time.zone).utf8
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func text(of field: GoTimeField, _ time: CivilTime, _ zone: TimeZoneFile.Period) -> String {
        switch field {
        case .longMonth: months[time.month - 1]
        case .month: String(months[time.month - 1].prefix(3))
        case .numMonth: "\(time.month)"
        case .zeroMonth: padded(time.month, 2)
        case .longWeekday: days[time.weekday]
        case .weekday: String(days[time.weekday].prefix(3))
        case .day: "\(time.day)"
        case .underDay: padded(time.day, 2, with: " ")
        case .zeroDay: padded(time.day, 2)
        case .underYearDay: padded(time.dayOfYear, 3, with: " ")
        case .zeroYearDay: padded(time.dayOfYear, 3)
        case .hour: padded(time.hour, 2)
        case .hour12: "\(hour12(time))"
        case .zeroHour12: padded(hour12(time), 2)
        case .minute: "\(time.minute)"
        case .zeroMinute: padded(time.minute, 2)
        case .second: "\(time.second)"
        case .zeroSecond: padded(time.second, 2)
        case .longYear: padded(time.year, 4)
        case .year: padded(time.year % 100, 2)
        case .upperPM: time.hour < 12 ? "AM" : "PM"
        case .lowerPM: time.hour < 12 ? "am" : "pm"
        case .zoneName: zone.abbreviation.isEmpty ? offset(zone.offset, false, false, 2) : zone.abbreviation
        case .offset(let isISO, let hasColons, let parts): offset(zone.offset, isISO, hasColons, parts)
        case .fraction: ""
        }
    }

    private static func offset(_ seconds: Int, _ isISO: Bool, _ hasColons: Bool, _ parts: Int) -> String {
        if isISO, seconds == 0 { return "Z" }
        let size = abs(seconds)
        let numbers = [size / 3600, size / 60 % 60, size % 60].prefix(parts).map { padded($0, 2) }
        return (seconds < 0 ? "-" : "+") + numbers.joined(separator: hasColons ? ":" : "")
    }

    /// The fraction of the second with so many digits, without trailing zeros for nines.
    private static func fraction(
        _ time: CivilTime, separator: UInt8, isFixed: Bool, digits: Int
    ) -> [UInt8] {
        var text = Array(padded(time.nanosecond, 9).utf8.prefix(digits))
        if !isFixed {
            while text.last == UInt8(ascii: "0") { text.removeLast() }
            if text.isEmpty { return [] }
        }
        return [separator] + text
    }

    private static func hour12(_ time: CivilTime) -> Int { time.hour % 12 == 0 ? 12 : time.hour % 12 }

    private static func padded(_ value: Int, _ width: Int, with fill: String = "0") -> String {
        let digits = "\(value)"
        return String(repeating: fill, count: max(0, width - digits.utf8.count)) + digits
    }
}
