import ArgumentParser
import MartletCore
import Service

/// Whose labels are listed.
enum LabelSource: String, ExpressibleByArgument, CaseIterable, Sendable {
    case metrics
    case logs

    /// The usual port of its server.
    var port: Int {
        switch self {
        case .metrics: 9090
        case .logs: 3100
        }
    }

    /// What stands before the names of its calls.
    var path: String {
        switch self {
        case .metrics: "/api/v1"
        case .logs: "/loki/api/v1"
        }
    }

    /// The parameters of a range of Unix nanoseconds.
    func times(_ range: Range<Int64>) -> [(String, String)] {
        switch self {
        case .metrics:
            [
                ("start", QueryParameter.seconds(range.lowerBound)), ("end", QueryParameter.seconds(range.upperBound)),
            ]
        case .logs: [("start", "\(range.lowerBound)"), ("end", "\(range.upperBound)")]
        }
    }

    /// Shows the list under `data`: one a line, or as the server sends it.
    /// - Parameter element: reads an element of the list, and gives its line.
    static func show(
        _ body: [UInt8], _ format: TextOrJSON, _ element: (inout JSONReader) throws(JSONError) -> String
    ) throws {
        let output = Output()
        try body.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer)
            try reader.beginObject()
            while try reader.nextKey() {
                guard reader.isKey("data"), try reader.peek() == .array else {
                    try reader.skipValue()
                    continue
                }
                if format == .json {
                    try output.line(Array(try reader.skipValue()))
                    continue
                }
                try reader.beginArray()
                while try reader.nextElement() { try output.line(try element(&reader)) }
            }
        }
        // Without a label there is no list in some servers' answers.
        try output.flush()
        for warning in try SeriesText.warnings(body) { StandardError.write("warning: \(PlainText.line(warning))\n") }
    }
}
