package import Service

extension MetricServer {
    /// What the server is before anybody configures it.
    package static let identity = ServerIdentity(
        name: "martlet-metrics",
        about: "Scrapes, stores and queries metrics: prometheus.yml, remote write and OTLP in, PromQL out.",
        port: 9090, storagePath: "data", configFile: .named("a prometheus.yml"),
        links: [
            .init("/api/v1/targets?state=active", "the targets that are scraped, and their health"),
            .init("/api/v1/query?query=up", "PromQL at this moment: which targets answer"),
            .init("/api/v1/label/__name__/values", "the names of all metrics"),
            .init("/api/v1/status/tsdb", "how many series there are, and of what"),
            .init("/api/v1/status/top_queries", "which queries take the most time"),
            .init("/api/v1/status/config", "the configuration in force"),
            .init("/api/v1/status/flags", "the flags in force"),
            .init("/federate?match%5B%5D=up", "current samples as Prometheus text"),
        ])
}
