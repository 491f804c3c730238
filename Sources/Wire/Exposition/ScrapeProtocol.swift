/// An exposition format that targets are asked for, under the name that configurations have for it.
package enum ScrapeProtocol: String, Sendable, Hashable, CaseIterable {
    case openMetrics1 = "OpenMetricsText1.0.0"
    case openMetrics0 = "OpenMetricsText0.0.1"
    case protobuf = "PrometheusProto"
    case text1 = "PrometheusText1.0.0"
    case text0 = "PrometheusText0.0.4"

    /// What targets are asked for when nothing else is said, the best first.
    package static let standard: [ScrapeProtocol] = [.openMetrics1, .openMetrics0, .text1, .text0]
    /// The same with protobuf in front, which alone has native histograms.
    package static let protobufFirst: [ScrapeProtocol] = [.protobuf] + standard

    /// How an answer in it is read.
    package var format: ScrapeFormat {
        switch self {
        case .openMetrics1, .openMetrics0: .openMetrics
        case .protobuf: .protobuf
        case .text1, .text0: .text
        }
    }

    private var mediaType: String {
        switch self {
        case .openMetrics1: "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8"
        case .openMetrics0: "application/openmetrics-text;version=0.0.1"
        case .protobuf: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
        case .text1: "text/plain;version=1.0.0;escaping=allow-utf-8"
        case .text0: "text/plain;version=0.0.4"
        }
    }

    /// The Accept header that asks for protocols, the best first, and then for anything.
    package static func accept(_ protocols: [ScrapeProtocol]) -> String {
        var quality = allCases.count + 1
        var items: [String] = []
        for item in protocols {
            items.append("\(item.mediaType);q=0.\(quality)")
            quality -= 1
        }
        return (items + ["*/*;q=0.\(quality)"]).joined(separator: ",")
    }
}

/// How the answer of a target is read.
package enum ScrapeFormat: Sendable, Hashable {
    case text
    case openMetrics
    case protobuf

    /// The format that an answer's Content-Type names; nil for others, a blank or a missing one.
    package init?(contentType: String) {
        if let format = ExpositionFormat(contentType: contentType) {
            self = format == .text ? .text : .openMetrics
            return
        }
        let type = contentType.prefix { $0 != ";" }.trimmingBlanks().lowercased()
        guard type == "application/vnd.google.protobuf" else { return nil }
        self = .protobuf
    }
}
