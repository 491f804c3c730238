import MartletCore
import Service

/// Shows results of Prometheus' API.
enum ResultOutput {
    /// Writes an answer, and its warnings to standard error.
    static func write(_ body: [UInt8], _ format: TextOrJSON) throws {
        let output = Output()
        switch format {
        case .json: try output.line(try SeriesText.result(body))
        case .text:
            let kind = try SeriesText.kind(body)
            var text = SeriesText { try output.line($0) }
            try text.write(body, kind)
        }
        try output.flush()
        try warn(body)
    }

    /// Writes the warnings of an answer to standard error.
    static func warn(_ body: [UInt8]) throws {
        for warning in try SeriesText.warnings(body) { StandardError.write("warning: \(PlainText.line(warning))\n") }
    }
}
