/// Service graphs made ready for the spans of one tenant. A class, so that a span costs one reference and not all of its
/// parts'.
final class ServiceGraphPlan: Sendable {
    let config: ServiceGraphConfig
    /// Numbers of the dimensions' attributes.
    let dimensions: [Int]
    /// Numbers of the attributes that name peers, and that tell databases.
    let peers: [Int]
    let databases: [Int]
    /// `peer.service`, `server.address`, `network.peer.address` and `network.peer.port`.
    let servers: (service: Int, address: Int, host: Int, port: Int)
    let filter: FilterPlan
    let multiplier: Int?
    let shape: MetricShape

    init(
        _ config: ServiceGraphConfig, _ registry: RegistryConfig, _ common: [(key: String, value: String)],
        _ keys: inout AttributeKeys
    ) {
        var names = ["client", "server", "connection_type"]
        if config.hasVirtualNodeLabel { names.append("virtual_node") }
        for dimension in config.dimensions {
            names +=
                config.hasSidePrefix
                ? ["client_", "server_"].map { DimensionLabel.sanitized($0 + dimension) }
                : [DimensionLabel.sanitized(dimension)]
        }
        let prefix = "traces_service_graph_request_"
        var counters: [MetricShape.Family] = []
        if config.metrics.contains(.requests) {
            counters = [
                .init(name: prefix + "total", help: "Requests between services."),
                .init(name: prefix + "failed_total", help: "Requests between services that failed."),
            ]
        }
        var histograms: [MetricShape.Family] = []
        if config.metrics.contains(.latency) {
            histograms = [
                .init(name: prefix + "server_seconds", help: "Durations of requests as the server sees them."),
                .init(name: prefix + "client_seconds", help: "Durations of requests as the client sees them."),
            ]
            if config.hasMessagingLatency {
                histograms.append(
                    .init(name: prefix + "messaging_system_seconds", help: "Time between sending and receiving."))
            }
        }
        var infos: [MetricShape.Family] = []
        if config.metrics.contains(.connections) {
            infos = [.init(name: "traces_service_graph_connection_info", help: "Services that talk to each other.")]
        }
        self.config = config
        dimensions = config.dimensions.map { keys.number(of: $0) }
        peers = config.peerAttributes.map { keys.number(of: $0) }
        databases = config.databaseAttributes.map { keys.number(of: $0) }
        servers = (
            keys.number(of: "peer.service"), keys.number(of: "server.address"),
            keys.number(of: "network.peer.address"), keys.number(of: "network.peer.port")
        )
        filter = FilterPlan(config.filter, &keys)
        multiplier = config.multiplierKey.map { keys.number(of: $0) }
        shape = MetricShape(
            counters: counters, infos: infos, histograms: histograms, labelNames: names, bounds: config.buckets,
            registry, commonLabels: common)
    }
}
