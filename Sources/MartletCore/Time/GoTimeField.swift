/// A piece of a Go time layout: what `2006`, `Jan` or `Z07:00` stand for.
enum GoTimeField: Sendable, Hashable {
    case longMonth, month, numMonth, zeroMonth
    case longWeekday, weekday
    case day, underDay, zeroDay, underYearDay, zeroYearDay
    case hour, hour12, zeroHour12
    case minute, zeroMinute, second, zeroSecond
    case longYear, year
    case upperPM, lowerPM
    case zoneName
    /// `-07:00` and its kin: whether UTC is written `Z`, whether there are colons, and how many numbers there are.
    case offset(isISO: Bool, hasColons: Bool, parts: Int)
    /// `.000` (fixed) or `.999`, with the separator that stands before it.
    case fraction(isFixed: Bool, digits: Int)

    /// The texts that stand for fields, longer ones before those that they begin with.
    private static let spellings: [(text: String, field: GoTimeField)] = [
        ("January", .longMonth), ("Jan", .month), ("Monday", .longWeekday), ("Mon", .weekday), ("MST", .zoneName),
        ("2006", .longYear), ("002", .zeroYearDay), ("__2", .underYearDay), ("01", .zeroMonth), ("02", .zeroDay),
        ("03", .zeroHour12), ("04", .zeroMinute), ("05", .zeroSecond), ("06", .year), ("15", .hour),
        ("_2", .underDay), ("PM", .upperPM), ("pm", .lowerPM),
        ("-07:00:00", .offset(isISO: false, hasColons: true, parts: 3)),
        ("-07:00", .offset(isISO: false, hasColons: true, parts: 2)),
        ("-070000", .offset(isISO: false, hasColons: false, parts: 3)),
        ("-0700", .offset(isISO: false, hasColons: false, parts: 2)),
        ("-07", .offset(isISO: false, hasColons: false, parts: 1)),
        ("Z07:00:00", .offset(isISO: true, hasColons: true, parts: 3)),
        ("Z07:00", .offset(isISO: true, hasColons: true, parts: 2)),
        ("Z070000", .offset(isISO: true, hasColons: false, parts: 3)),
        ("Z0700", .offset(isISO: true, hasColons: false, parts: 2)),
        ("Z07", .offset(isISO: true, hasColons: false, parts: 1)),
        ("1", .numMonth), ("2", .day), ("3", .hour12), ("4", .minute), ("5", .second),
    ]

    private static let texts = spellings.map { (text: Array($0.text.utf8), field: $0.field) }

    /// The field that begins at `index` of a layout, and the bytes that stand for it.
    static func at(_ index: Int, of layout: [UInt8]) -> (field: GoTimeField, length: Int)? {
        let rest = layout[index...]
        if let fraction = fraction(rest) { return fraction }
        // `_2006` is a blank line's underscore and a year, not a day.
        if rest.starts(with: "_2006".utf8) { return nil }
        guard let found = texts.first(where: { rest.starts(with: $0.text) }) else { return nil }
        if found.field == .month || found.field == .weekday {
            // "Janet" is no month.
            if let next = rest.dropFirst(3).first, (0x61...0x7A).contains(next) { return nil }
        }
        return (found.field, found.text.count)
    }

    private static func fraction(_ rest: ArraySlice<UInt8>) -> (field: GoTimeField, length: Int)? {
        guard let first = rest.first, first == UInt8(ascii: ".") || first == UInt8(ascii: ","),
            let digit = rest.dropFirst().first, digit == UInt8(ascii: "0") || digit == UInt8(ascii: "9")
        else { return nil }
        let count = rest.dropFirst().prefix { $0 == digit }.count
        if let after = rest.dropFirst(1 + count).first, (0x30...0x39).contains(after) { return nil }
        return (.fraction(isFixed: digit == UInt8(ascii: "0"), digits: count), 1 + count)
    }
}
