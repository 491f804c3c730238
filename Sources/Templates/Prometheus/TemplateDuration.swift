import MartletCore

/// A Go duration with its methods.
package struct TemplateDuration: TemplateObject {
    let nanoseconds: Int64

    /// From seconds; what does not fit is the nearest that does.
    init(seconds: Double) {
        let value = seconds * 1e9
        nanoseconds = value.isNaN ? .min : value >= 0x1p63 ? .max : value < -0x1p63 ? .min : Int64(value)
    }

    var seconds: Double { Double(nanoseconds) / 1e9 }

    package var typeName: String { "*time.Duration" }

    package var text: String { GoDuration.format(nanoseconds) }

    package func method(_ name: String) -> TemplateFunction? {
        switch name {
        case "String": value(.string(text))
        case "Hours": value(.float(seconds / 3600))
        case "Minutes": value(.float(seconds / 60))
        case "Seconds": value(.float(seconds))
        case "Milliseconds": value(.int(nanoseconds / 1_000_000))
        case "Microseconds": value(.int(nanoseconds / 1000))
        case "Nanoseconds": value(.int(nanoseconds))
        default: nil
        }
    }

    private func value(_ value: TemplateValue) -> TemplateFunction { TemplateFunction([]) { _ in value } }
}
