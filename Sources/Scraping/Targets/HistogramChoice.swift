import MartletCore
import Wire

/// A choice about histograms that labels can make for one target.
enum HistogramChoice: String, CaseIterable {
    case convertsClassic = "convert_classic_histograms_to_nhcb"
    case keepsClassic = "always_scrape_classic_histograms"
    case takesNative = "scrape_native_histograms"

    var label: String { "__\(rawValue)__" }

    var path: WritableKeyPath<HistogramReading, Bool> {
        switch self {
        case .convertsClassic: \.convertsClassic
        case .keepsClassic: \.keepsClassic
        case .takesNative: \.takesNative
        }
    }

    /// What the labels of a target choose, and `defaults` where they say nothing.
    static func reading(_ labels: Labels, _ defaults: HistogramReading) throws(Target.Refusal) -> HistogramReading {
        var reading = defaults
        for choice in allCases {
            guard let text = labels[choice.label] else { continue }
            guard let value = bool(text) else {
                let what = choice.rawValue.map { $0 == "_" ? " " : String($0) }.joined()
                throw .invalid(
                    "error parsing \(what): strconv.ParseBool: parsing \(GoQuote.quote(text)): invalid syntax")
            }
            reading[keyPath: choice.path] = value
        }
        return reading
    }

    /// Go's `strconv.ParseBool`.
    private static func bool(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }
}
