import ArgumentParser
package import MartletCore
import Wire

/// How a line of a log is shown.
package enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Time, labels, text.
    case `default`
    /// The text alone.
    case raw
    /// An object with `labels`, `line` and `timestamp`.
    case jsonl

    /// A line without its end.
    /// - Parameter time: Unix nanoseconds.
    package func line(_ time: Int64, _ labels: Labels?, _ text: [UInt8]) -> [UInt8] {
        switch self {
        case .raw: return text
        case .default:
            var out = Array(RFC3339.format(unixNanoseconds: time, fraction: .nanoseconds).utf8)
            out.append(UInt8(ascii: " "))
            if let labels {
                LabelText.append(labels, to: &out)
                out.append(UInt8(ascii: " "))
            }
            return out + text
        case .jsonl:
            var json = JSONWriter()
            json.beginObject()
            if let labels {
                json.key("labels")
                json.labels(labels)
            }
            json.key("line")
            json.string(text)
            json.key("timestamp")
            json.string(RFC3339.format(unixNanoseconds: time, fraction: .nanoseconds))
            json.endObject()
            return json.bytes
        }
    }
}
