package import RemoteStorage

/// Which metrics are made of spans, and where they go: Tempo's `metrics_generator` and its overrides.
package struct GeneratorConfig: Sendable {
    /// Requests, durations and sizes by service and operation; nil for none.
    package var spanMetrics: SpanMetricsConfig?
    /// Requests between services; nil for none.
    package var serviceGraphs: ServiceGraphConfig?
    package var registry = RegistryConfig()
    /// Spans that ended this long before or after their arrival, or longer, are not counted; milliseconds.
    package var slackMs: Int64 = 30_000
    /// Which writer the series are of; nil for a name that the directory keeps.
    package var instance: String?
    /// The directory of the samples that wait; nil for one beside the spans.
    package var path: String?
    /// Where samples are sent on to.
    package var receivers: [RemoteWriteConfig] = []
    /// Whether receivers are told of the tenant.
    package var namesTenants = true
    /// How long samples are still sent when the process ends, in milliseconds.
    package var flushDeadlineMs = RemoteWriter.Options().flushDeadlineMs

    /// Tempo's defaults: nothing is made.
    package init() {}

    /// Whether there is anything to make.
    package var isEnabled: Bool { spanMetrics != nil || serviceGraphs != nil }
}

/// What all series have in common.
package struct RegistryConfig: Sendable {
    package var collectionIntervalMs: Int64 = 15_000
    /// A series that no span has added to for this long ends.
    package var staleMs: Int64 = 15 * 60_000
    package var externalLabels: [(key: String, value: String)] = []
    /// The label that tells the tenant; nil for none.
    package var tenantLabel: String?
    /// Bytes of a label's value; longer ones are cut.
    package var valueBytes = 2048
    /// Series of a tenant, 0 for as many as memory bears, and the key that says so.
    package var maxActiveSeries = 0
    package var maxActiveSeriesKey = "overrides.defaults.metrics_generator.max_active_series"
    package var histograms = HistogramMode.classic
    /// The label of exemplars.
    package var traceIDLabel = "traceID"
    /// The finest native histogram, as the schema of its buckets.
    package var nativeSchema: Int32 = 3
    /// Buckets that a native histogram has at most: its resolution is halved beyond.
    package var nativeBuckets = 100

    /// Tempo's defaults.
    package init() {}
}

/// How durations are written.
package enum HistogramMode: String, Sendable, CaseIterable {
    case classic
    case native
    case both

    /// Whether there are series of buckets.
    var hasClassic: Bool { self != .native }
    /// Whether there are native histograms.
    var hasNative: Bool { self != .classic }
}
