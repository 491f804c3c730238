/// Span metrics made ready for the spans of one tenant. A class, so that a span costs one reference and not all of its
/// parts'.
final class SpanMetricsPlan: Sendable {
    let config: SpanMetricsConfig
    /// Numbers of the dimensions' attributes.
    let dimensions: [Int]
    /// Numbers of the mappings' attributes, and what joins their values.
    let mappings: [(sources: [Int], join: [UInt8])]
    let filter: FilterPlan
    let multiplier: Int?
    /// Whether spans' own attributes are looked at.
    let readsAttributes: Bool
    let shape: MetricShape
    let targetShape: MetricShape
    /// Attributes that `traces_target_info` leaves out.
    let excluded: Set<[UInt8]>

    init(
        _ config: SpanMetricsConfig, _ registry: RegistryConfig, _ common: [(key: String, value: String)],
        _ keys: inout AttributeKeys
    ) {
        // What the resource tells comes first, so that it is put together once for all of its spans.
        var names: [String] = []
        if config.intrinsics.service { names.append("service") }
        if config.hasTargetInfo { names += config.hasInstanceLabel ? ["job", "instance"] : ["job"] }
        if config.intrinsics.spanName { names.append("span_name") }
        if config.intrinsics.spanKind { names.append("span_kind") }
        if config.intrinsics.statusCode { names.append("status_code") }
        if config.intrinsics.statusMessage { names.append("status_message") }
        names +=
            config.dimensions.map { DimensionLabel.name($0) } + config.mappings.map { DimensionLabel.name($0.name) }
        var counters: [MetricShape.Family] = []
        if config.metrics.contains(.calls) {
            counters.append(.init(name: "traces_spanmetrics_calls_total", help: "Spans."))
        }
        if config.metrics.contains(.size) {
            counters.append(.init(name: "traces_spanmetrics_size_total", help: "Bytes of the encoded spans."))
        }
        let latency = MetricShape.Family(name: "traces_spanmetrics_latency", help: "Durations of spans in seconds.")
        self.config = config
        dimensions = config.dimensions.map { keys.number(of: $0) }
        mappings = config.mappings.map { mapping in
            (sources: mapping.sources.map { keys.number(of: $0) }, join: Array(mapping.join.utf8))
        }
        filter = FilterPlan(config.filter, &keys)
        multiplier = config.multiplierKey.map { keys.number(of: $0) }
        readsAttributes = !dimensions.isEmpty || !mappings.isEmpty || !filter.isEmpty || multiplier != nil
        shape = MetricShape(
            counters: counters, histograms: config.metrics.contains(.latency) ? [latency] : [], labelNames: names,
            bounds: config.buckets, registry, commonLabels: common)
        targetShape = MetricShape(
            infos: [.init(name: "traces_target_info", help: "What resources tell of themselves.")], labelNames: nil,
            registry, commonLabels: common)
        excluded = Set(config.targetInfoExcluded.map { Array($0.utf8) })
    }
}
