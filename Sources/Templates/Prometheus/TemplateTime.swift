import MartletCore

/// A Go time in UTC with the methods that templates use.
package struct TemplateTime: TemplateObject {
    /// Since 1970, whole milliseconds.
    let milliseconds: Int64

    /// From Unix seconds; milliseconds are kept.
    init(unixSeconds seconds: Double) throws {
        guard seconds.isFinite else { throw TemplateFunctionError("value is NaN or Inf") }
        let nanoseconds = seconds * 1e9
        guard nanoseconds.magnitude < 0x1p63 else {
            throw TemplateFunctionError(
                "\(FloatText.general(seconds)) cannot be represented as a nanoseconds timestamp since it overflows int64"
            )
        }
        milliseconds = Int64(nanoseconds) / 1_000_000
    }

    private init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    private var civil: CivilTime {
        let seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        return CivilTime(unixSeconds: seconds, nanosecond: Int(milliseconds - seconds * 1000) * 1_000_000)
    }

    package var typeName: String { "*time.Time" }

    package var text: String { GoTimeLayout.format(civil, "2006-01-02 15:04:05.999999999 -0700 MST") }

    package func method(_ name: String) -> TemplateFunction? {
        let civil = civil
        switch name {
        case "Format": return TemplateFunction([.string]) { .string(GoTimeLayout.format(civil, $0[0].text)) }
        case "String": return value(.string(text))
        case "UTC": return value(.object(self))
        case "Unix": return value(.int(civil.unixSeconds))
        case "UnixMilli": return value(.int(milliseconds))
        case "UnixNano": return value(.int(milliseconds &* 1_000_000))
        case "Year": return value(.int(Int64(civil.year)))
        case "Month": return value(.string(GoTimeLayout.months[civil.month - 1]))
        case "Day": return value(.int(Int64(civil.day)))
        case "YearDay": return value(.int(Int64(civil.dayOfYear)))
        case "Weekday": return value(.string(GoTimeLayout.days[civil.weekday]))
        case "Hour": return value(.int(Int64(civil.hour)))
        case "Minute": return value(.int(Int64(civil.minute)))
        case "Second": return value(.int(Int64(civil.second)))
        case "Add":
            return TemplateFunction([.any]) { [milliseconds] arguments in
                let seconds = try Humanize.number(arguments[0])
                let sum = Double(milliseconds) + seconds * 1000
                guard sum.magnitude < 9e15 else { throw TemplateFunctionError("time out of range") }
                return .object(TemplateTime(milliseconds: Int64(sum)))
            }
        default: return nil
        }
    }

    private func value(_ value: TemplateValue) -> TemplateFunction { TemplateFunction([]) { _ in value } }
}
