package import MartletCore

/// Go's time layouts (`2006-01-02T15:04:05Z07:00`) for times in UTC.
package enum GoTimeLayout {
    package static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    package static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// The pieces of a layout, longer ones before those that they begin with.
    private static let pieces: [(text: String, value: @Sendable (CivilTime) -> String)] = [
        ("January", { months[$0.month - 1] }), ("Jan", { String(months[$0.month - 1].prefix(3)) }),
        ("Monday", { days[$0.weekday] }), ("Mon", { String(days[$0.weekday].prefix(3)) }), ("MST", { _ in "UTC" }),
        ("2006", { padded($0.year, 4) }), ("002", { padded($0.dayOfYear, 3) }), ("__2", { blank($0.dayOfYear, 3) }),
        ("01", { padded($0.month, 2) }), ("02", { padded($0.day, 2) }), ("03", { padded(hour12($0), 2) }),
        ("04", { padded($0.minute, 2) }), ("05", { padded($0.second, 2) }), ("06", { padded($0.year % 100, 2) }),
        ("15", { padded($0.hour, 2) }), ("_2", { blank($0.day, 2) }), ("PM", { $0.hour < 12 ? "AM" : "PM" }),
        ("pm", { $0.hour < 12 ? "am" : "pm" }), ("-07:00:00", { _ in "+00:00:00" }), ("-07:00", { _ in "+00:00" }),
        ("-070000", { _ in "+000000" }), ("-0700", { _ in "+0000" }), ("-07", { _ in "+00" }),
        ("Z07:00:00", { _ in "Z" }), ("Z07:00", { _ in "Z" }), ("Z070000", { _ in "Z" }), ("Z0700", { _ in "Z" }),
        ("Z07", { _ in "Z" }), ("1", { "\($0.month)" }), ("2", { "\($0.day)" }), ("3", { "\(hour12($0))" }),
        ("4", { "\($0.minute)" }), ("5", { "\($0.second)" }),
    ]

    /// The time as the layout shows it.
    package static func format(_ time: CivilTime, _ layout: String) -> String {
        var out = ""
        var rest = Substring(layout)
        while let first = rest.first {
            if first == "." || first == ",", let (text, length) = fraction(rest, time) {
                out += text
                rest = rest.dropFirst(length)
            } else if let piece = pieces.first(where: { rest.hasPrefix($0.text) }) {
                out += piece.value(time)
                rest = rest.dropFirst(piece.text.count)
            } else {
                out.append(first)
                rest = rest.dropFirst()
            }
        }
        return out
    }

    /// `.000` or `.999`: the fraction of the second with so many digits, without trailing zeros for nines.
    private static func fraction(_ rest: Substring, _ time: CivilTime) -> (String, Int)? {
        guard let digit = rest.dropFirst().first, digit == "0" || digit == "9" else { return nil }
        let count = rest.dropFirst().prefix { $0 == digit }.count
        if let after = rest.dropFirst(1 + count).first, after.isASCII, after.isNumber { return nil }
        var digits = Array(padded(time.nanosecond, 9).prefix(count))
        if digit == "9" {
            while digits.last == "0" { digits.removeLast() }
            if digits.isEmpty { return ("", 1 + count) }
        }
        return (String(rest.prefix(1)) + String(digits), 1 + count)
    }

    private static func hour12(_ time: CivilTime) -> Int { time.hour % 12 == 0 ? 12 : time.hour % 12 }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = "\(value)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func blank(_ value: Int, _ width: Int) -> String {
        let digits = "\(value)"
        return String(repeating: " ", count: max(0, width - digits.count)) + digits
    }
}
