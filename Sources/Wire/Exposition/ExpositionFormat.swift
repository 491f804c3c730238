/// The text formats of metrics that are scraped and served.
package enum ExpositionFormat: Sendable, Hashable {
    /// Prometheus text format 0.0.4.
    case text
    /// OpenMetrics 1.0.0 (and 0.0.1, which reads the same).
    case openMetrics

    /// The Content-Type of an answer.
    package var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format that an answer's Content-Type names; nil for others, a blank or a missing one.
    package init?(contentType: String) {
        let parts = contentType.split(separator: ";", omittingEmptySubsequences: false)
        switch parts.first?.trimmingBlanks().lowercased() {
        case "text/plain": self = .text
        case "application/openmetrics-text": self = .openMetrics
        default: return nil
        }
    }

    /// The format that suits an Accept header best: the highest q wins, OpenMetrics before text at equal q, text when nothing
    /// is asked for or nothing fits.
    package static func negotiate(accept: String?) -> ExpositionFormat {
        guard let accept else { return .text }
        var best = (format: ExpositionFormat.text, quality: 0.0)
        for item in accept.split(separator: ",") {
            var parameters = item.split(separator: ";").map { $0.trimmingBlanks().lowercased() }
            guard !parameters.isEmpty else { continue }
            let type = parameters.removeFirst()
            var quality = 1.0
            var version: String?
            for parameter in parameters {
                let pair = parameter.split(separator: "=", maxSplits: 1).map { $0.trimmingBlanks() }
                guard pair.count == 2 else { continue }
                if pair[0] == "q" { quality = Double(pair[1]) ?? 0 }
                if pair[0] == "version" { version = pair[1] }
            }
            let format: ExpositionFormat
            switch type {
            case "application/openmetrics-text":
                guard version == nil || version == "1.0.0" || version == "0.0.1" else { continue }
                format = .openMetrics
            case "text/plain", "text/*", "*/*":
                // 1.0.0 of the text format only adds quoted names, which 0.0.4 written by us has as well.
                format = .text
            default: continue
            }
            if quality > best.quality || quality == best.quality && quality > 0 && format == .openMetrics {
                best = (format, quality)
            }
        }
        return best.format
    }

    /// The Accept header of a scrape: OpenMetrics, then text, then anything.
    package static let scrapeAccept =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
        + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
}

extension Substring {
    /// The text without blanks at its ends.
    fileprivate func trimmingBlanks() -> String {
        var rest = self
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
