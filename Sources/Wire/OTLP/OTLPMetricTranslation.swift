package import MartletCore

/// OTLP metrics as Prometheus series: names translated, resources turned into `job`, `instance` and `target_info`,
/// histograms into classic buckets, exponential ones into native histograms. What cannot be stored (deltas) is counted and
/// named.
package struct OTLPMetricTranslation: Sendable {
    /// What the configuration decides.
    package struct Options: Sendable {
        /// How names are translated.
        package var strategy: OTLP.TranslationStrategy
        /// Resource attributes that become labels of every series.
        package var promotedAttributes: Set<String>
        /// Whether `target_info` keeps service.name, service.namespace and service.instance.id.
        package var keepsIdentifyingAttributes: Bool
        /// Distance between samples of `target_info` in milliseconds: half of the lookback.
        package var targetInfoInterval: Int64
        /// Bytes that the labels of all series may take. A resource's own are repeated with each of its points.
        package var labelLimit = Int.max

        /// Prometheus' defaults unless given.
        package init(
            strategy: OTLP.TranslationStrategy = .underscoreEscapingWithSuffixes, promotedAttributes: Set<String> = [],
            keepsIdentifyingAttributes: Bool = false, targetInfoInterval: Int64 = 150_000
        ) {
            self.strategy = strategy
            self.promotedAttributes = promotedAttributes
            self.keepsIdentifyingAttributes = keepsIdentifyingAttributes
            self.targetInfoInterval = targetInfoInterval
        }
    }

    /// A series of the result: index ranges into `samples` and `exemplars`. The same labels may come more than once.
    package struct Series: Sendable, Hashable {
        /// Its labels, metric name included.
        package var labels: Labels
        /// Into `samples`.
        package var samples: Range<Int>
        /// Into `exemplars`.
        package var exemplars: Range<Int>
        /// Into `histograms`.
        package var histograms = 0..<0
    }

    /// An exemplar of the result.
    package struct Exemplar: Sendable, Hashable {
        /// trace_id, span_id and what aggregation removed.
        package var labels: Labels
        /// The observed value.
        package var value: Double
        /// Milliseconds since the Unix epoch.
        package var timestamp: Int64
    }

    /// What a metric family of the result is.
    package struct Metadata: Sendable, Hashable {
        /// The translated name.
        package var family: String
        /// Its type.
        package var type: MetricType
        /// The metric's description.
        package var help: String
        /// Its unit in Prometheus' words.
        package var unit: String
    }

    /// All series.
    package internal(set) var series: [Series] = []
    /// Samples of all series.
    package internal(set) var samples: [RemoteWrite.WriteRequest.Sample] = []
    /// Native histograms of all series.
    package internal(set) var histograms: [RemoteWrite.Histogram] = []
    /// Exemplars of all series.
    package internal(set) var exemplars: [Exemplar] = []
    /// One entry per metric.
    package internal(set) var metadata: [Metadata] = []
    /// Data points that were refused.
    package internal(set) var rejected = 0
    /// Why, once per metric, at most ten.
    package internal(set) var reasons: [String] = []
    private let options: Options
    private var labelBytes = 0

    /// Whether the labels take more than they may. The result is not whole then.
    package var isTooLarge: Bool { labelBytes > options.labelLimit }

    /// The value of a stale marker: a NaN of its own (Prometheus' `StaleNaN`).
    package static let staleMarker = Double(bitPattern: 0x7ff0_0000_0000_0002)

    /// Translates a whole request.
    package init(_ metrics: OTLP.Metrics, options: Options = Options()) {
        self.options = options
        for resourceMetrics in metrics.resourceMetrics { translate(resourceMetrics) }
    }

    /// What to answer: the refused points and the reasons.
    package var partialSuccess: OTLP.PartialSuccess {
        OTLP.PartialSuccess(rejected: Int64(rejected), message: reasons.joined(separator: "; "))
    }

    // MARK: Resources

    private mutating func translate(_ item: OTLP.ResourceMetrics) {
        let attributes = item.resource.attributes
        var identity = LabelsBuilder()
        if let service = attributes.first("service.name")?.text {
            if let namespace = attributes.first("service.namespace")?.text, !namespace.isEmpty {
                identity.set("job", "\(namespace)/\(service)")
            } else {
                identity.set("job", service.string)
            }
        }
        if let instance = attributes.first("service.instance.id")?.text { identity.set("instance", instance.string) }
        let promoted = attributes.filter { options.promotedAttributes.contains($0.key.string) }
        let (firstSample, firstHistogram) = (samples.count, histograms.count)
        let identityLabels = identity.build()
        for scope in item.scopeMetrics {
            for metric in scope.metrics { translate(metric, promoted, identityLabels) }
        }
        let times = samples[firstSample...].map(\.timestamp) + histograms[firstHistogram...].map(\.timestamp)
        targetInfo(attributes, identity, times)
    }

    /// Adds `target_info` at the times that the resource's samples span.
    private mutating func targetInfo(
        _ attributes: [OTLP.KeyValue], _ identity: LabelsBuilder, _ times: [Int64]
    ) {
        guard let earliest = times.min(), let latest = times.max(), !identity.isEmpty else { return }
        let identifying: Set<ByteString> = ["service.name", "service.namespace", "service.instance.id"]
        let other = attributes.filter { !identifying.contains($0.key) }
        guard !other.isEmpty else { return }
        var builder = labels(options.keepsIdentifyingAttributes ? attributes : other)
        for pair in identity.build().pairs { builder.set(pair.name, pair.value) }
        builder.set(Labels.metricName, "target_info")
        let firstSample = samples.count
        // A sender that mixes times far apart gets the last hundred intervals only.
        let start = max(earliest, latest.subtractingReportingOverflow(options.targetInfoInterval * 100).partialValue)
        var time = start
        while time < latest {
            samples.append(.init(timestamp: time, value: 1))
            time += options.targetInfoInterval
        }
        samples.append(.init(timestamp: latest, value: 1))
        add(
            Series(
                labels: builder.build(), samples: firstSample..<samples.count,
                exemplars: exemplars.count..<exemplars.count))
    }

    mutating func add(_ one: Series) {
        labelBytes += one.labels.bytes.count
        series.append(one)
    }

    // MARK: Labels

    /// Labels of attributes; values of names that collide after translation are joined with `;`, in the order of the
    /// original names.
    func labels(_ attributes: [OTLP.KeyValue], _ base: Labels = Labels()) -> LabelsBuilder {
        var builder = LabelsBuilder(base)
        var own: [String: String] = [:]
        for pair in attributes.sorted(by: { $0.key < $1.key }) {
            let name = OTLPNaming.label(pair.key.string, strategy: options.strategy)
            let value = pair.value.text.string
            if name.isEmpty || value.isEmpty { continue }
            let joined = own[name].map { $0 + ";" + value } ?? value
            own[name] = joined
            builder.set(name, joined)
        }
        return builder
    }

    // MARK: Metrics

    private mutating func translate(_ metric: OTLP.Metric, _ promoted: [OTLP.KeyValue], _ identity: Labels) {
        let kind: OTLPNaming.Kind
        let type: MetricType
        switch metric.data {
        case .gauge: (kind, type) = (.gauge, .gauge)
        case .sum(_, _, let isMonotonic): (kind, type) = isMonotonic ? (.monotonicSum, .counter) : (.other, .gauge)
        case .histogram: (kind, type) = (.other, .histogram)
        case .exponentialHistogram: (kind, type) = (.other, .histogram)
        case .summary: (kind, type) = (.other, .summary)
        case .empty: return reject(metric, "has no data")
        }
        let unit = metric.unit.string
        let name = OTLPNaming.metric(metric.name.string, unit: unit, kind: kind, strategy: options.strategy)
        guard !name.isEmpty else { return reject(metric, "has no name") }
        let before = series.count
        switch metric.data {
        case .gauge(let points):
            for point in points { add(point, name, promoted, identity, exemplars: false) }
        case .sum(let points, let temporality, _):
            guard temporality == 2 else { return reject(metric, Self.temporality(temporality)) }
            for point in points { add(point, name, promoted, identity, exemplars: true) }
        case .histogram(let points, let temporality):
            guard temporality == 2 else { return reject(metric, Self.temporality(temporality)) }
            for point in points { add(point, name, promoted, identity) }
        case .exponentialHistogram(let points, let temporality):
            guard temporality == 2 else { return reject(metric, Self.temporality(temporality)) }
            for point in points { add(point, metric, name, promoted, identity) }
        case .summary(let points):
            for point in points { add(point, name, promoted, identity) }
        case .empty: return
        }
        guard series.count > before else { return }
        metadata.append(
            Metadata(
                family: name, type: type, help: metric.description.string, unit: OTLPNaming.unit(unit)))
    }

    private static func temporality(_ value: Int32) -> String {
        value == 1
            ? "has delta temporality, only cumulative is supported" : "has no temporality, only cumulative is supported"
    }

    /// Refuses points of a metric, all of them unless told.
    mutating func reject(_ metric: OTLP.Metric, _ reason: String, points: Int? = nil) {
        rejected += points ?? metric.data.count
        if reasons.count < 10 { reasons.append("metric \"\(metric.name)\" \(reason)") }
    }
}
