import MartletCore
import RemoteStorage
import Service
import SpanMetrics

/// Reads Tempo's `metrics_generator` and what `overrides` say of it. Both processors are off until `overrides` name them.
struct GeneratorKeys {
    private var base = GeneratorConfig()
    private var spanMetrics = SpanMetricsConfig()
    private var serviceGraphs = ServiceGraphConfig()
    private var spanMetricsWanted: SpanMetricsConfig.Metrics = []
    private var serviceGraphsWanted: ServiceGraphConfig.Metrics = []

    /// What was read.
    var config: GeneratorConfig {
        var config = base
        if !spanMetricsWanted.isEmpty {
            config.spanMetrics = spanMetrics
            config.spanMetrics?.metrics = spanMetricsWanted
        }
        if !serviceGraphsWanted.isEmpty {
            config.serviceGraphs = serviceGraphs
            config.serviceGraphs?.metrics = serviceGraphsWanted
        }
        return config
    }

    // MARK: metrics_generator

    /// The section `metrics_generator`.
    mutating func read(_ section: inout ConfigMapping) throws {
        try section.mapping("processor") { processor in
            try processor.mapping("span_metrics") { try readSpanMetrics(&$0) }
            try processor.mapping("service_graphs") { try readServiceGraphs(&$0) }
            processor.ignore("host_info", because: "the processor host-info is not supported")
            processor.ignore("local_blocks", because: "the store answers TraceQL metrics itself")
        }
        try section.mapping("registry") { try readRegistry(&$0) }
        try section.mapping("storage") { try readStorage(&$0) }
        if let slack = try section.duration("metrics_ingestion_time_range_slack") { base.slackMs = slack }
        if let name = try section.string("instance_id"), !name.isEmpty { base.instance = name }
        if let limiter = section.value("limiter_type"), try limiter.string() != "series" {
            throw limiter.error("\(limiter.path) must be \"series\": entities are not limited by themselves")
        }
        for key in [
            "ring", "ring_mode", "override_ring_key", "codec", "ingest_concurrency", "traces_storage", "query_timeout",
            "leave_consumer_group_on_shutdown", "skip_stale_backlog_on_startup", "traces_query_storage",
        ] { section.ignore(key, because: "one process does everything here") }
    }

    private mutating func readRegistry(_ section: inout ConfigMapping) throws {
        if let node = section.value("collection_interval") {
            base.registry.collectionIntervalMs = try Self.positive(node)
        }
        if let node = section.value("stale_duration") { base.registry.staleMs = try Self.positive(node) }
        base.registry.externalLabels = try section.stringPairs("external_labels")
        if let label = section.value("inject_tenant_id_as"), try !label.string().isEmpty {
            base.registry.tenantLabel = try Self.label(label)
        }
        if let bytes = try section.int("max_label_value_length") {
            base.registry.valueBytes = bytes > 0 ? bytes : .max
        }
        section.ignore("max_label_name_length", because: "the names of labels are those that the configuration gives")
    }

    private mutating func readStorage(_ section: inout ConfigMapping) throws {
        base.path = try section.string("path")
        base.receivers = try section.list("remote_write").map { try RemoteWriteConfig($0) }
        base.namesTenants = try section.bool("remote_write_add_org_id_header") ?? true
        if let deadline = try section.duration("remote_write_flush_deadline") { base.flushDeadlineMs = deadline }
        section.ignore("wal", because: "segments follow what is sent and their age")
    }

    // MARK: overrides

    /// The section `overrides.defaults.metrics_generator`.
    mutating func readOverrides(_ section: inout ConfigMapping) throws {
        try readOverrides(&section, prefix: "")
        try section.mapping("processor") { processor in
            try processor.mapping("span_metrics") { try readSpanMetrics(&$0) }
            try processor.mapping("service_graphs") { try readServiceGraphs(&$0) }
            processor.ignore("host_info", because: "the processor host-info is not supported")
        }
        section.ignore("forwarder", because: "one process does everything here")
    }

    /// The keys of `overrides` in the spelling before Tempo 2.3.
    mutating func readFlatOverrides(_ section: inout ConfigMapping) throws {
        let prefix = "metrics_generator_"
        base.registry.maxActiveSeriesKey =
            section.has(prefix + "max_active_series")
            ? "overrides.\(prefix)max_active_series" : base.registry.maxActiveSeriesKey
        try readOverrides(&section, prefix: prefix)
        try readSpanMetrics(&section, prefix: prefix + "processor_span_metrics_")
        try readServiceGraphs(&section, prefix: prefix + "processor_service_graphs_")
        for key in [
            "forwarder_queue_size", "forwarder_workers", "processor_host_info_host_identifiers",
            "processor_host_info_metric_name",
        ] { section.ignore(prefix + key, because: "one process does everything here") }
    }

    private mutating func readOverrides(_ section: inout ConfigMapping, prefix: String) throws {
        for node in try section.list(prefix + "processors") { try want(node) }
        if let series = section.value(prefix + "max_active_series") {
            base.registry.maxActiveSeries = try Self.notNegative(series)
        }
        if let node = section.value(prefix + "collection_interval") {
            base.registry.collectionIntervalMs = try Self.positive(node)
        }
        if let mode = try section.choice(prefix + "generate_native_histograms", HistogramMode.self) {
            base.registry.histograms = mode
        }
        if let label = section.value(prefix + "trace_id_label_name"), try !label.string().isEmpty {
            base.registry.traceIDLabel = try Self.label(label)
        }
        if let slack = try section.duration(prefix + "ingestion_time_range_slack") { base.slackMs = slack }
        if let factor = section.value(prefix + "native_histogram_bucket_factor") {
            base.registry.nativeSchema = try Self.schema(factor)
        }
        if let buckets = section.value(prefix + "native_histogram_max_bucket_number") {
            let count = try Self.notNegative(buckets)
            base.registry.nativeBuckets = count > 0 ? count : .max
        }
        let headers = try section.stringPairs(prefix + "remote_write_headers")
        for index in base.receivers.indices { base.receivers[index].headers += headers }
        try refuse(
            &section, prefix + "disable_collection", when: { try $0.bool() },
            because: "leave processors out to make no metrics")
        try refuse(
            &section, prefix + "max_active_entities", when: { try $0.int() != 0 },
            because: "limit series with max_active_series")
        try refuse(
            &section, prefix + "max_cardinality_per_label", when: { try $0.int() != 0 },
            because: "limit series with max_active_series")
        try refuse(
            &section, prefix + "span_name_sanitization", when: { try !$0.string().isEmpty },
            because: "names of spans are counted as they are sent")
        section.ignore(prefix + "ring_size", because: "one process does everything here")
        section.ignore(
            prefix + "native_histogram_min_reset_duration", because: "histograms become coarser and are never reset")
    }

    /// Refuses a key whose value would change results; others that mean what is done anyway are taken.
    private func refuse(
        _ section: inout ConfigMapping, _ key: String, when isHarmful: (ConfigNode) throws -> Bool,
        because reason: String
    ) throws {
        guard let node = section.value(key), !node.isNull, try isHarmful(node) else { return }
        throw node.error("\(node.path) is not supported: \(reason)")
    }

    /// A processor, or one of its metrics alone.
    private mutating func want(_ node: ConfigNode) throws {
        switch try node.string() {
        case "span-metrics": spanMetricsWanted.formUnion(.all)
        case "span-metrics-count": spanMetricsWanted.insert(.calls)
        case "span-metrics-latency": spanMetricsWanted.insert(.latency)
        case "span-metrics-size": spanMetricsWanted.insert(.size)
        case "service-graphs": serviceGraphsWanted.formUnion(.usual)
        case "service-graphs-request": serviceGraphsWanted.insert(.requests)
        case "service-graphs-latency": serviceGraphsWanted.insert(.latency)
        case "service-graphs-connection-info": serviceGraphsWanted.insert(.connections)
        case "local-blocks":
            node.warn("\(node.path): local-blocks has no effect: the store answers TraceQL metrics itself")
        case "host-info": throw node.error("\(node.path): the processor host-info is not supported")
        case let name:
            throw node.error(
                "\(node.path): \"\(name)\" is no processor: span-metrics and service-graphs are, and their parts "
                    + "span-metrics-count, span-metrics-latency, span-metrics-size, service-graphs-request, "
                    + "service-graphs-latency and service-graphs-connection-info")
        }
    }

    // MARK: Processors

    private mutating func readSpanMetrics(_ section: inout ConfigMapping, prefix: String = "") throws {
        if let buckets = try Self.buckets(&section, prefix + "histogram_buckets") { spanMetrics.buckets = buckets }
        if let flag = try section.bool(prefix + "enable_target_info") { spanMetrics.hasTargetInfo = flag }
        if section.has(prefix + "dimensions") {
            spanMetrics.dimensions = try Self.dimensions(
                &section, prefix + "dimensions", besides: spanMetrics.hasTargetInfo ? ["job", "instance"] : [],
                DimensionLabel.name)
        }
        try section.mapping(prefix + "intrinsic_dimensions") { keys in
            var intrinsics = spanMetrics.intrinsics
            intrinsics.service = try keys.bool("service") ?? intrinsics.service
            intrinsics.spanName = try keys.bool("span_name") ?? intrinsics.spanName
            intrinsics.spanKind = try keys.bool("span_kind") ?? intrinsics.spanKind
            intrinsics.statusCode = try keys.bool("status_code") ?? intrinsics.statusCode
            intrinsics.statusMessage = try keys.bool("status_message") ?? intrinsics.statusMessage
            spanMetrics.intrinsics = intrinsics
        }
        if section.has(prefix + "dimension_mappings") {
            // In place of those before, so they are held against each other only.
            var labels = Set(spanMetrics.dimensions.map(DimensionLabel.name))
            spanMetrics.mappings = try section.list(prefix + "dimension_mappings").map {
                try Self.mapping($0, besides: &labels)
            }
        }
        if let flag = try section.bool(prefix + "enable_instance_label") { spanMetrics.hasInstanceLabel = flag }
        if section.has(prefix + "target_info_excluded_dimensions") {
            spanMetrics.targetInfoExcluded = try section.strings(prefix + "target_info_excluded_dimensions")
        }
        if section.has(prefix + "filter_policies") {
            spanMetrics.filter = try SpanFilter(policies: section.list(prefix + "filter_policies"))
        }
        if let key = try section.string(prefix + "span_multiplier_key") {
            spanMetrics.multiplierKey = key.isEmpty ? nil : key
        }
        try refuse(
            &section, prefix + "enable_tracestate_span_multiplier", when: { try $0.bool() },
            because: "spans would count once each")
    }

    private static func mapping(
        _ node: ConfigNode, besides labels: inout Set<String>
    ) throws -> SpanMetricsConfig.Mapping {
        let mapping = try node.mapping { keys in
            SpanMetricsConfig.Mapping(
                name: try keys.required("name").string(), sources: try keys.strings("source_labels"),
                join: try keys.string("join") ?? "")
        }
        guard !mapping.name.isEmpty, !mapping.sources.isEmpty else {
            throw node.error("\(node.path) needs a name and at least one of source_labels")
        }
        let label = DimensionLabel.name(mapping.name)
        guard labels.insert(label).inserted else {
            throw node.error(
                "\(node.path): the label \"\(label)\" of \"\(mapping.name)\" is that of a dimension as well")
        }
        return mapping
    }

    private mutating func readServiceGraphs(_ section: inout ConfigMapping, prefix: String = "") throws {
        if let node = section.value(prefix + "wait") { serviceGraphs.waitMs = try Self.positive(node) }
        if let node = section.value(prefix + "max_items") { serviceGraphs.maxItems = try Self.notNegative(node) }
        if let buckets = try Self.buckets(&section, prefix + "histogram_buckets") { serviceGraphs.buckets = buckets }
        if let flag = try section.bool(prefix + "enable_client_server_prefix") { serviceGraphs.hasSidePrefix = flag }
        if section.has(prefix + "dimensions") {
            let side = serviceGraphs.hasSidePrefix ? "client_" : ""
            serviceGraphs.dimensions = try Self.dimensions(
                &section, prefix + "dimensions", besides: ["client", "server", "connection_type", "virtual_node"]
            ) { DimensionLabel.sanitized(side + $0) }
        }
        if let flag = try section.bool(prefix + "enable_messaging_system_latency_histogram") {
            serviceGraphs.hasMessagingLatency = flag
        }
        if let flag = try section.bool(prefix + "enable_virtual_node_label") {
            serviceGraphs.hasVirtualNodeLabel = flag
        }
        if section.has(prefix + "peer_attributes") {
            serviceGraphs.peerAttributes = try section.strings(prefix + "peer_attributes")
        }
        if section.has(prefix + "database_name_attributes") {
            serviceGraphs.databaseAttributes = try section.strings(prefix + "database_name_attributes")
        }
        if section.has(prefix + "filter_policies") {
            serviceGraphs.filter = try SpanFilter(policies: section.list(prefix + "filter_policies"))
        }
        if let key = try section.string(prefix + "span_multiplier_key") {
            serviceGraphs.multiplierKey = key.isEmpty ? nil : key
        }
        try refuse(
            &section, prefix + "enable_tracestate_span_multiplier", when: { try $0.bool() },
            because: "spans would count once each")
        section.ignore(prefix + "workers", because: "edges end as spans come")
    }

    // MARK: Values

    /// Attributes that become labels, each one of its own: series must not differ in what their labels do not show.
    private static func dimensions(
        _ section: inout ConfigMapping, _ key: String, besides others: [String], _ label: (String) -> String
    ) throws -> [String] {
        var labels = Set(others + ["le"])
        return try section.list(key).map { node in
            let attribute = try node.string()
            let label = label(attribute)
            guard labels.insert(label).inserted else {
                throw node.error("\(node.path): the label \"\(label)\" of \"\(attribute)\" is there already")
            }
            return attribute
        }
    }

    private static func positive(_ node: ConfigNode) throws -> Int64 {
        let duration = try node.duration()
        guard duration > 0 else { throw node.error("\(node.path) must be greater than 0") }
        return duration
    }

    private static func notNegative(_ node: ConfigNode) throws -> Int {
        let number = try node.int()
        guard number >= 0 else { throw node.error("\(node.path) must not be negative") }
        return number
    }

    /// The name of a label.
    private static func label(_ node: ConfigNode) throws -> String {
        let name = try node.string()
        guard LabelName.isLegacyLabelName(name.utf8) else {
            throw node.error("\(node.path): \"\(name)\" is no name of a label")
        }
        return name
    }

    private static func buckets(_ section: inout ConfigMapping, _ key: String) throws -> [Double]? {
        guard let node = section.value(key), !node.isNull else { return nil }
        let buckets = try node.list().map { try $0.double() }
        guard zip(buckets, buckets.dropFirst()).allSatisfy({ $0 < $1 }), buckets.allSatisfy(\.isFinite),
            buckets.count <= 200
        else { throw node.error("\(node.path) must be ascending numbers, 200 at most") }
        return buckets
    }

    /// The coarsest schema whose buckets grow by no more than a factor, as Prometheus' client libraries choose it.
    private static func schema(_ node: ConfigNode) throws -> Int32 {
        let factor = try node.double()
        guard factor > 1 else { throw node.error("\(node.path) must be greater than 1") }
        var schema: Int32 = -4
        var growth = 65_536.0
        while schema < 8, growth > factor {
            growth = growth.squareRoot()
            schema += 1
        }
        return schema
    }
}
