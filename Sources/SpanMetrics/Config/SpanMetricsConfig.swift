/// `span_metrics`: what is counted of every span, and by which labels.
package struct SpanMetricsConfig: Sendable {
    /// The metrics; each can be had alone.
    package struct Metrics: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// `traces_spanmetrics_calls_total`
        package static let calls = Metrics(rawValue: 1)
        /// `traces_spanmetrics_latency`
        package static let latency = Metrics(rawValue: 2)
        /// `traces_spanmetrics_size_total`
        package static let size = Metrics(rawValue: 4)
        package static let all: Metrics = [.calls, .latency, .size]
    }

    /// Labels of what every span has.
    package struct Intrinsics: Sendable, Hashable {
        package var service = true
        package var spanName = true
        package var spanKind = true
        package var statusCode = true
        package var statusMessage = false

        /// Tempo's defaults: all but the message.
        package init() {}
    }

    /// A label that joins the values of several attributes.
    package struct Mapping: Sendable, Hashable {
        package var name: String
        package var sources: [String]
        package var join: String

        /// A label of these attributes.
        package init(name: String, sources: [String], join: String) {
            self.name = name
            self.sources = sources
            self.join = join
        }
    }

    package var metrics = Metrics.all
    /// Upper bounds of the buckets, in seconds, ascending: 2 ms to 16 s.
    package var buckets = (0..<14).map { 0.002 * Double(1 << $0) }
    package var intrinsics = Intrinsics()
    /// Attributes that are labels.
    package var dimensions: [String] = []
    package var mappings: [Mapping] = []
    /// Whether there is `traces_target_info`, with `job` and `instance` here as well.
    package var hasTargetInfo = false
    /// Attributes that it leaves out.
    package var targetInfoExcluded: [String] = []
    /// Whether `instance` is among its labels.
    package var hasInstanceLabel = true
    /// The attribute whose value is the share of spans that the sender has kept; nil when all count once.
    package var multiplierKey: String?
    package var filter = SpanFilter()

    /// Tempo's defaults.
    package init() {}
}
