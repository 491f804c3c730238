package import MartletCore

/// How a server tells another one its newest samples: Prometheus' choice among its formats, OpenMetrics not being one.
package struct FederationFormat: Sendable, Hashable {
    /// Whether it is delimited protobuf, which alone has native histograms, and not text 0.0.4.
    package var isProtobuf = false
    /// How names are written that are no legacy names.
    package var escaping = NameEscaping.underscores

    /// Text with underscores.
    package init() {}

    /// The format that suits an Accept header: of what is asked for the best that there is, text when there is none. An
    /// `escaping` counts also where it stands with a format that there is not.
    package init(accept: String?) {
        for item in AcceptHeader(accept ?? "").byQuality {
            if let scheme = item.parameters["escaping"].flatMap(NameEscaping.init(rawValue:)) { escaping = scheme }
            switch item.type {
            case "application/vnd.google.protobuf"
            where item.parameters["proto"] == "io.prometheus.client.metricfamily"
                && item.parameters["encoding"] == "delimited":
                isProtobuf = true
                return
            case "text/plain" where ["0.0.4", nil].contains(item.parameters["version"]): return
            default: break
            }
        }
    }

    /// The Content-Type of an answer.
    package var contentType: String {
        let type =
            isProtobuf
            ? "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            : "text/plain; version=0.0.4; charset=utf-8"
        return type + "; escaping=\(escaping.rawValue)"
    }
}
