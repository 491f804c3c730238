import MartletCore

/// Numbers for people, with four significant digits, as Prometheus' templates write them.
enum Humanize {
    private static let large = ["k", "M", "G", "T", "P", "E", "Z", "Y"]
    private static let small = ["m", "u", "n", "p", "f", "a", "z", "y"]

    /// What the humanizing functions take: numbers, texts of numbers, durations.
    static func number(_ value: TemplateValue) throws -> Double {
        switch value {
        case .float(let float): return float
        case .int(let int): return Double(int)
        case .string(let text):
            guard let number = Double(text.hasPrefix(".") ? "0" + text : text) else {
                throw TemplateFunctionError("strconv.ParseFloat: parsing \(GoQuote.quote(text)): invalid syntax")
            }
            return number
        case .object(let object as TemplateDuration): return object.seconds
        default: throw TemplateFunctionError("can't convert \(value.typeName) to float")
        }
    }

    static func decimal(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return short(value) }
        guard value.magnitude >= 1 else { return reduced(value) }
        return scaled(value, by: 1000, large)
    }

    static func binary(_ value: Double) -> String {
        guard value.magnitude > 1, value.isFinite else { return short(value) }
        return scaled(value, by: 1024, large.map { $0 + "i" })
    }

    static func percentage(_ value: Double) -> String { short(value * 100) + "%" }

    static func duration(_ value: Double) -> String {
        guard value.isFinite else { return short(value) }
        guard value != 0 else { return short(value) + "s" }
        guard value.magnitude >= 1 else { return reduced(value) + "s" }
        let sign = value < 0 ? "-" : ""
        let total = Int64(min(value.magnitude, 9.2e18))
        let (days, hours, minutes, seconds) = (total / 86400, total / 3600 % 24, total / 60 % 60, total % 60)
        // Seconds are whole beside larger units, and have four digits alone.
        if days != 0 { return "\(sign)\(days)d \(hours)h \(minutes)m \(seconds)s" }
        if hours != 0 { return "\(sign)\(hours)h \(minutes)m \(seconds)s" }
        if minutes != 0 { return "\(sign)\(minutes)m \(seconds)s" }
        return "\(sign)\(short(value.magnitude))s"
    }

    private static func short(_ value: Double) -> String { Printf.text("%.4g", value) }

    private static func scaled(_ value: Double, by base: Double, _ prefixes: [String]) -> String {
        var value = value
        var prefix = ""
        for next in prefixes where value.magnitude >= base {
            prefix = next
            value /= base
        }
        return short(value) + prefix
    }

    private static func reduced(_ value: Double) -> String {
        var value = value
        var prefix = ""
        for next in small where value.magnitude < 1 {
            prefix = next
            value *= 1000
        }
        return short(value) + prefix
    }
}
