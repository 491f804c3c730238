/// `service_graphs`: how spans of two services become one request between them.
package struct ServiceGraphConfig: Sendable {
    /// The metrics; each can be had alone.
    package struct Metrics: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// `traces_service_graph_request_total` and `…_failed_total`
        package static let requests = Metrics(rawValue: 1)
        /// `traces_service_graph_request_server_seconds` and `…_client_seconds`
        package static let latency = Metrics(rawValue: 2)
        /// `traces_service_graph_connection_info`
        package static let connections = Metrics(rawValue: 4)
        /// What Tempo makes unless told otherwise.
        package static let usual: Metrics = [.requests, .latency]
    }

    package var metrics = Metrics.usual
    /// How long a span waits for the other side's, in milliseconds.
    package var waitMs: Int64 = 10_000
    /// Spans that wait at most.
    package var maxItems = 10_000
    /// Upper bounds of the buckets, in seconds, ascending: 0.1 s to 12.8 s.
    package var buckets = (0..<8).map { 0.1 * Double(1 << $0) }
    /// Attributes that are labels.
    package var dimensions: [String] = []
    /// Whether they say in `client_` and `server_` whose they are.
    package var hasSidePrefix = false
    /// Whether there is a histogram of the time between sending and receiving of messages.
    package var hasMessagingLatency = false
    /// Attributes that name a peer that sends no spans; the first that a span has counts.
    package var peerAttributes = ["peer.service", "db.name", "db.system", "db.system.name"]
    /// Attributes that tell a database; the first that a span has counts.
    package var databaseAttributes = ["db.namespace", "db.name", "db.system", "db.system.name"]
    /// As in `SpanMetricsConfig`.
    package var multiplierKey: String?
    /// Whether a label tells which side sends no spans.
    package var hasVirtualNodeLabel = false
    package var filter = SpanFilter()

    /// Tempo's defaults.
    package init() {}
}
