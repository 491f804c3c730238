import MartletCore

/// A Go time with the methods that templates use.
package struct TemplateTime: TemplateObject {
    let time: ZonedTime
    /// The name of its type in Go.
    package let typeName: String

    /// Go's `time.Time`.
    static let goType = "time.Time"
    /// Go's zero time, the first moment of the year 1.
    static let zero = TemplateTime(
        ZonedTime(seconds: CivilTime(year: 1, month: 1, day: 1).unixSeconds, nanosecond: 0, zone: utc))

    private static let utc = TimeZoneFile.utc.period(at: 0)
    private static let plain = GoTimeLayout("2006-01-02 15:04:05.999999999 -0700 MST")

    /// A moment, shown in a zone.
    init(_ time: ZonedTime, typeName: String = TemplateTime.goType) {
        self.time = time
        self.typeName = typeName
    }

    /// A moment in nanoseconds since 1970, shown in `zone`.
    init(unixNanoseconds: Int64, zone: TimeZoneFile) {
        let rest = Int(unixNanoseconds % 1_000_000_000)
        let seconds = unixNanoseconds / 1_000_000_000 - (rest < 0 ? 1 : 0)
        self.init(
            ZonedTime(
                seconds: seconds, nanosecond: rest < 0 ? rest + 1_000_000_000 : rest, zone: zone.period(at: seconds)))
    }

    /// From Unix seconds; milliseconds are kept. In UTC.
    init(unixSeconds: Double) throws {
        guard unixSeconds.isFinite else { throw TemplateFunctionError("value is NaN or Inf") }
        let nanoseconds = unixSeconds * 1e9
        guard nanoseconds.magnitude < 0x1p63 else {
            throw TemplateFunctionError(
                "\(FloatText.general(unixSeconds)) cannot be represented as a nanoseconds timestamp since it overflows int64"
            )
        }
        self.init(milliseconds: Int64(nanoseconds) / 1_000_000)
    }

    private init(milliseconds: Int64) {
        let seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        self.init(
            ZonedTime(
                seconds: seconds, nanosecond: Int(milliseconds - seconds * 1000) * 1_000_000, zone: Self.utc),
            typeName: "*time.Time")
    }

    /// The same moment, shown in another zone.
    func shown(in zone: TimeZoneFile) -> TemplateTime {
        TemplateTime(
            ZonedTime(seconds: time.seconds, nanosecond: time.nanosecond, zone: zone.period(at: time.seconds)),
            typeName: typeName)
    }

    /// Since 1970; wraps outside the years 1678 to 2262, as Go's does.
    var unixNanoseconds: Int64 { time.seconds &* 1_000_000_000 &+ Int64(time.nanosecond) }

    /// Since 1970.
    var unixMilliseconds: Int64 { time.seconds &* 1000 &+ Int64(time.nanosecond / 1_000_000) }

    package var text: String { Self.plain.format(time) }

    /// The time as a layout shows it.
    func format(_ layout: String) -> String { GoTimeLayout(layout).format(time) }

    package func method(_ name: String) -> TemplateFunction? {
        let civil = time.civil
        switch name {
        case "Format": return TemplateFunction([.string]) { .string(format($0[0].text)) }
        case "String": return value(.string(text))
        case "UTC": return value(.object(shown(in: .utc)))
        case "Local": return value(.object(shown(in: .local)))
        case "Unix": return value(.int(time.seconds))
        case "UnixMilli": return value(.int(unixMilliseconds))
        case "UnixMicro": return value(.int(time.seconds &* 1_000_000 &+ Int64(time.nanosecond / 1000)))
        case "UnixNano": return value(.int(unixNanoseconds))
        case "Year": return value(.int(Int64(civil.year)))
        case "Month": return value(.string(GoTimeLayout.months[civil.month - 1]))
        case "Day": return value(.int(Int64(civil.day)))
        case "YearDay": return value(.int(Int64(civil.dayOfYear)))
        case "Weekday": return value(.string(GoTimeLayout.days[civil.weekday]))
        case "Hour": return value(.int(Int64(civil.hour)))
        case "Minute": return value(.int(Int64(civil.minute)))
        case "Second": return value(.int(Int64(civil.second)))
        case "Nanosecond": return value(.int(Int64(civil.nanosecond)))
        case "IsZero": return value(.bool(time.seconds == Self.zero.time.seconds && time.nanosecond == 0))
        case "Add":
            return TemplateFunction([.any]) { arguments in
                let sum = Double(unixMilliseconds) + (try Humanize.number(arguments[0])) * 1000
                guard sum.magnitude < 9e15 else { throw TemplateFunctionError("time out of range") }
                return .object(TemplateTime(milliseconds: Int64(sum)))
            }
        default: return nil
        }
    }

    private func value(_ value: TemplateValue) -> TemplateFunction { TemplateFunction([]) { _ in value } }
}
