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
        for item in AcceptHeader(accept).items {
            let quality = item.quality
            let version = item.parameters["version"]
            let format: ExpositionFormat
            switch item.type {
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
}
