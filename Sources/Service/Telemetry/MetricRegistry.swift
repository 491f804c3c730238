package import CoreMetrics
import MartletCore
package import Wire

/// The process' own metrics: the backend of swift-metrics, read by `/metrics`.
///
/// Counters, meters and gauges are what they say; a `Timer` is a histogram in seconds and an aggregating `Recorder` a
/// histogram of its values. Names and labels are written as they come, with what Prometheus' syntax refuses turned to `_`.
package final class MetricRegistry: MetricsFactory, Sendable {
    /// What ``Daemon`` installs as the process' metrics system.
    package static let shared = MetricRegistry()

    /// Series that one family may have; more go uncounted, and `martlet_metrics_series_dropped_total` says so.
    package static let seriesLimit = 2000

    /// Buckets where none are declared: Prometheus' own defaults, in seconds.
    package static let defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct State {
        var families: [String: MetricFamily] = [:]
        var described: [String: (help: String, buckets: [Double]?)] = [:]
        var collectors: [@Sendable (inout MetricCollection) -> Void] = []
    }

    private let state = Lock(State())
    private let dropped = ScalarMetric()

    /// An empty registry.
    package init() {}

    /// Sets the HELP text of a family, and for histograms its buckets. Call it before the first value.
    /// - Parameter buckets: upper bounds, ascending, without infinity.
    package func describe(_ name: String, _ help: String, buckets: [Double]? = nil) {
        state.withLock { state in
            state.described[name] = (help, buckets)
            state.families[name]?.help = help
        }
    }

    /// Adds values that are computed when somebody reads them, such as what /proc knows.
    package func collect(_ body: @escaping @Sendable (inout MetricCollection) -> Void) {
        state.withLock { $0.collectors.append(body) }
    }

    // MARK: Values

    /// The counter or gauge with these labels.
    func scalar(_ name: String, _ labels: [(String, String)], _ type: MetricType) -> ScalarMetric {
        series(name, labels, type) { _ in ScalarMetric() } as? ScalarMetric ?? ScalarMetric()
    }

    /// The histogram with these labels.
    func histogram(_ name: String, _ labels: [(String, String)], scale: Double) -> HistogramMetric {
        series(name, labels, .histogram) { HistogramMetric(bounds: $0 ?? Self.defaultBuckets, scale: scale) }
            as? HistogramMetric ?? HistogramMetric(bounds: Self.defaultBuckets, scale: scale)
    }

    private func series(
        _ name: String, _ labels: [(String, String)], _ type: MetricType, make: ([Double]?) -> any MetricValue
    ) -> any MetricValue {
        let name = MetricName.sanitise(name, colons: true)
        let labels = labels.map { (name: MetricName.sanitise($0.0, colons: false), value: $0.1) }
            .sorted { $0.name < $1.name }
        return state.withLock { state in
            let described = state.described[name]
            if state.families[name] == nil {
                state.families[name] = MetricFamily(type: type, help: described?.help ?? "")
            }
            let key = labels.map { "\($0.name)\u{1}\($0.value)" }.joined(separator: "\u{2}")
            // A value of another type under a known name, or one series too many, lives outside of what is shown.
            guard state.families[name]?.type == type else {
                dropped.add(1)
                return make(described?.buckets)
            }
            if let known = state.families[name]?.series[key] { return known.value }
            let value = make(described?.buckets)
            guard state.families[name]?.series.count ?? 0 < Self.seriesLimit else {
                dropped.add(1)
                return value
            }
            state.families[name]?.series[key] = (labels, value)
            return value
        }
    }

    // MARK: Reading

    /// Everything, as text.
    package func render(_ format: ExpositionFormat) -> [UInt8] {
        let (families, collectors) = state.withLock { ($0.families, $0.collectors) }
        var collection = MetricCollection()
        for (name, family) in families { collection.add(name, family) }
        collection.counter(
            "martlet_metrics_series_dropped_total", "Series that exceeded their family's limit or had another type.",
            dropped.value)
        for collector in collectors { collector(&collection) }
        return collection.render(format)
    }

    // MARK: swift-metrics

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        scalar(label, dimensions, .counter)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        scalar(label, dimensions, .counter)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        scalar(label, dimensions, .gauge)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions, scale: 1) : scalar(label, dimensions, .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions, scale: 1e-9)
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func remove(_ handler: any AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                state.families[name]?.series = family.series.filter { $0.value.value !== handler }
            }
        }
    }
}

/// One family: its type and its series.
struct MetricFamily {
    let type: MetricType
    var help: String
    var series: [String: (labels: [(name: String, value: String)], value: any MetricValue)] = [:]
}
