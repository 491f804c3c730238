import MartletCore

/// Loki's template functions on times.
enum LokiTimeFunctions {
    private static let time = TemplateFunction.Parameter.type(TemplateTime.goType)

    static let all: [String: TemplateFunction] = [
        "toDate": TemplateFunction([.string, .string]) { .object(parsed($0[1].text, $0[0].text, .local)) },
        "toDateInZone": TemplateFunction([.string, .string, .string]) { arguments in
            let zone = TimeZoneFile(named: arguments[1].text) ?? .utc
            return .object(parsed(arguments[2].text, arguments[0].text, zone))
        },
        "unixEpoch": TemplateFunction([time]) { .string("\(value($0[0]).time.seconds)") },
        "unixEpochMillis": TemplateFunction([time]) { .string("\(value($0[0]).unixMilliseconds)") },
        "unixEpochNanos": TemplateFunction([time]) { .string("\(value($0[0]).unixNanoseconds)") },
        "unixToTime": TemplateFunction([.string]) { .object(try unixTime($0[0].text)) },
    ]

    /// A text that does not fit the layout is Go's zero time.
    private static func parsed(_ text: String, _ layout: String, _ zone: TimeZoneFile) -> TemplateTime {
        GoTimeLayout(layout).parse(text, zone: zone).map { TemplateTime($0) } ?? .zero
    }

    private static func value(_ value: TemplateValue) -> TemplateTime {
        if case .object(let object) = value, let time = object as? TemplateTime { time } else { .zero }
    }

    /// A time, or whole seconds since 1970; what is neither is `now` (nanoseconds since 1970).
    static func moment(_ value: TemplateValue, now: @autoclosure () -> Int64) -> TemplateTime {
        if case .int(let given) = value {
            // Far enough from the edges of 64 bits that a zone can be added.
            let seconds = min(max(given, -1 << 60), 1 << 60)
            return TemplateTime(
                ZonedTime(seconds: seconds, nanosecond: 0, zone: TimeZoneFile.local.period(at: seconds)))
        }
        if case .object(let object) = value, let time = object as? TemplateTime { return time }
        return TemplateTime(unixNanoseconds: now(), zone: .local)
    }

    /// How many digits say which unit it is.
    private static func unixTime(_ text: String) throws -> TemplateTime {
        guard let number = Int64(text) else {
            throw TemplateFunctionError(
                "unable to parse time '\(text)': strconv.ParseInt: parsing \(GoQuote.quote(text)): invalid syntax")
        }
        let unit: Int64
        switch text.utf8.count {
        case 5: unit = 86_400_000_000_000
        case 10: unit = 1_000_000_000
        case 13: unit = 1_000_000
        case 16: unit = 1000
        case 19: unit = 1
        default: throw TemplateFunctionError("unable to parse time '\(text)': %!w(<nil>)")
        }
        let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { throw TemplateFunctionError("unable to parse time '\(text)': out of range") }
        return TemplateTime(unixNanoseconds: nanoseconds, zone: .local)
    }
}
