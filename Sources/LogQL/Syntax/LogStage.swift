package import MartletCore

/// One stage of a log pipeline.
package enum LogStage: Sendable, Hashable {
    case lineFilter(LineFilter)
    /// `json`, or only these paths.
    case json([LabelExtraction])
    case logfmt(strict: Bool, keepEmpty: Bool, [LabelExtraction])
    case regexp(Regex)
    case pattern(LinePattern)
    case unpack
    case labelFilter(LabelFilter)
    case lineFormat(String)
    case labelFormat([LabelFormat])
    case drop([LabelChoice])
    case keep([LabelChoice])
    case decolorize

    /// Whether later line filters would see another line than the stored one.
    var changesLine: Bool {
        switch self {
        case .unpack, .lineFormat, .decolorize: true
        default: false
        }
    }
}
