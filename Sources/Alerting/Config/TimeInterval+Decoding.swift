import MartletCore
import Service

extension TimeInterval {
    private static let weekdayNames = [
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    ]
    private static let monthNames = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]

    /// Reads one entry of a time interval's list.
    init(_ mapping: inout ConfigMapping) throws {
        self.init()
        times = try mapping.mappings("times") { entry in
            let start = try Self.minutes(try entry.required("start_time"))
            let endNode = try entry.required("end_time")
            let end = try Self.minutes(endNode)
            guard start < end else { throw endNode.error("start time cannot be equal or greater than end time") }
            return start..<end
        }
        weekdays = try Self.ranges(&mapping, "weekdays") { text in
            Self.weekdayNames.firstIndex(of: text)
        }
        months = try Self.ranges(&mapping, "months") { text in
            Self.monthNames.firstIndex(of: text).map { $0 + 1 }
                ?? Int(text).flatMap { (1...12).contains($0) ? $0 : nil }
        }
        years = try Self.ranges(&mapping, "years") { text in Int(text).flatMap { $0 >= 0 ? $0 : nil } }
        for node in try mapping.list("days_of_month") {
            let (begin, end) = try Self.ends(node) { text in
                Int(text).flatMap { $0 != 0 && abs($0) <= 31 ? $0 : nil }
            }
            guard begin > 0 || end < 0 else {
                throw node.error("end day must be negative if start day is negative")
            }
            // Of the two ways to count, ranges that mix them cannot be compared.
            guard (begin > 0) != (end > 0) || begin <= end else {
                throw node.error("end day can't be before start day")
            }
            daysOfMonth.append(DayRange(begin: begin, end: end))
        }
        if let node = mapping.value("location") {
            let name = try node.string()
            guard let zone = TimeZoneFile(named: name) else { throw node.error("unknown time zone \(name)") }
            self.zone = zone
            location = name
        }
    }

    private static func ranges(
        _ mapping: inout ConfigMapping, _ key: String, _ value: (String) -> Int?
    ) throws(ConfigError) -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for node in try mapping.list(key) {
            let (begin, end) = try ends(node, value)
            guard begin <= end else { throw node.error("\(node.path): the start is after the end") }
            ranges.append(begin...end)
        }
        return ranges
    }

    /// `a:b`, or `a` for both.
    private static func ends(_ node: ConfigNode, _ value: (String) -> Int?) throws(ConfigError) -> (Int, Int) {
        let text = try node.string().lowercased()
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " })
        }
        guard (1...2).contains(parts.count), let first = parts.first, let begin = value(first),
            let end = value(parts[parts.count - 1])
        else { throw node.error("\(node.path): \"\(text)\" is not a valid value or range") }
        return (begin, end)
    }

    /// `HH:MM`, up to 24:00.
    private static func minutes(_ node: ConfigNode) throws(ConfigError) -> Int {
        let text = try node.string()
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 2, parts[1].utf8.count == 2, let hour = Int(parts[0]),
            let minute = Int(parts[1]), (0...24).contains(hour), (0...59).contains(minute), hour < 24 || minute == 0
        else { throw node.error("couldn't parse timestamp \(text), invalid format") }
        return hour * 60 + minute
    }
}
