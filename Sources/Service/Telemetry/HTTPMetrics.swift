import HTTPTypes
import MartletCore
import Wire

/// Counts and times requests under the names that users of the replaced server know.
///
/// | server | names |
/// |---|---|
/// | martlet-metrics | `prometheus_http_requests_total{code,handler}`, `prometheus_http_request_duration_seconds{handler}`, `prometheus_http_response_size_bytes{handler}` |
/// | martlet-alerts | `alertmanager_http_request_duration_seconds{code,handler,method}`, `alertmanager_http_response_size_bytes{handler,method}`, `alertmanager_http_requests_total{code,handler,method}` |
/// | martlet-logs, martlet-traces | `loki_request_duration_seconds` and `tempo_request_duration_seconds` `{method,route,status_code,ws}` |
/// | others | `martlet_http_requests_total{code,handler,method}`, `martlet_http_request_duration_seconds{handler,method}` |
final class HTTPMetrics: Sendable {
    private enum Style {
        case prometheus
        case handlers(prefix: String)
        case dskit(prefix: String)
    }

    private struct Key: Hashable {
        let route: String
        let method: HTTPRequest.Method
        let code: Int
    }

    private struct Values: Sendable {
        let requests: ScalarMetric?
        let seconds: HistogramMetric
        let bytes: HistogramMetric?
    }

    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .patch, .options]

    private let registry: MetricRegistry
    private let style: Style
    private let values = Lock<[Key: Values]>([:])

    init(registry: MetricRegistry, server: String) {
        self.registry = registry
        let sizes = (0..<8).map { 100 * [1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7][$0] }
        switch server {
        case "martlet-metrics": style = .prometheus
        case "martlet-alerts": style = .handlers(prefix: "alertmanager")
        case "martlet-logs": style = .dskit(prefix: "loki")
        case "martlet-traces": style = .dskit(prefix: "tempo")
        default: style = .handlers(prefix: "martlet")
        }
        switch style {
        case .prometheus:
            describe("prometheus", buckets: [0.1, 0.2, 0.4, 1, 3, 8, 20, 60, 120], sizes: sizes)
        case .handlers(let prefix):
            describe(prefix, buckets: MetricRegistry.defaultBuckets, sizes: sizes)
        case .dskit(let prefix):
            registry.describe(
                prefix + "_request_duration_seconds", "Time (in seconds) spent serving HTTP requests.",
                buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100])
        }
    }

    private func describe(_ prefix: String, buckets: [Double], sizes: [Double]) {
        registry.describe(prefix + "_http_requests_total", "Counter of HTTP requests.")
        registry.describe(
            prefix + "_http_request_duration_seconds", "Histogram of latencies for HTTP requests.", buckets: buckets)
        registry.describe(
            prefix + "_http_response_size_bytes", "Histogram of response size for HTTP requests.", buckets: sizes)
    }

    /// Counts one finished request.
    /// - Parameters:
    ///   - route: the route's pattern, never the raw path; nil when none matched.
    ///   - bytes: size of the response's body where it is known.
    func observe(route: String?, method: HTTPRequest.Method, code: Int, seconds: Double, bytes: Int?) {
        let key = Key(
            route: route ?? "not_found",
            method: Self.methods.contains(method) ? method : HTTPRequest.Method("OTHER") ?? .get,
            code: code)
        let values = values.withLock { values in
            if let known = values[key] { return known }
            let made = make(key)
            values[key] = made
            return made
        }
        values.requests?.add(1)
        values.seconds.observe(seconds)
        if let bytes { values.bytes?.observe(Double(bytes)) }
    }

    private func make(_ key: Key) -> Values {
        switch style {
        case .prometheus:
            let handler = ("handler", Self.colons(key.route))
            return Values(
                requests: registry.scalar(
                    "prometheus_http_requests_total", [handler, ("code", "\(key.code)")], .counter),
                seconds: registry.histogram("prometheus_http_request_duration_seconds", [handler], scale: 1),
                bytes: registry.histogram("prometheus_http_response_size_bytes", [handler], scale: 1))
        case .handlers(let prefix):
            let labels = [("handler", Self.colons(key.route)), ("method", key.method.rawValue.lowercased())]
            return Values(
                requests: registry.scalar(
                    prefix + "_http_requests_total", labels + [("code", "\(key.code)")], .counter),
                seconds: registry.histogram(prefix + "_http_request_duration_seconds", labels, scale: 1),
                bytes: registry.histogram(prefix + "_http_response_size_bytes", labels, scale: 1))
        case .dskit(let prefix):
            let labels = [
                ("method", key.method.rawValue), ("route", Self.underscores(key.route)), ("status_code", "\(key.code)"),
                ("ws", "false"),
            ]
            return Values(
                requests: nil,
                seconds: registry.histogram(prefix + "_request_duration_seconds", labels, scale: 1), bytes: nil)
        }
    }

    /// `/api/v1/label/{name}/values` as Prometheus' router writes it: `/api/v1/label/:name/values`.
    static func colons(_ route: String) -> String {
        route.contains("{") ? route.replacing("{", with: ":").replacing("}", with: "") : route
    }

    /// `/loki/api/v1/label/{name}/values` as dskit writes it: `loki_api_v1_label_name_values`.
    static func underscores(_ route: String) -> String {
        var result = ""
        for character in route {
            if character.isASCII && (character.isLetter || character.isNumber) {
                result.append(contentsOf: character.lowercased())
            } else if !result.isEmpty && result.last != "_" {
                result.append("_")
            }
        }
        while result.last == "_" { result.removeLast() }
        return result.isEmpty ? "root" : result
    }
}
