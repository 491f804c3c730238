/// A configuration made ready for the spans of one tenant: which attributes are looked for, and what the tables have.
struct SpanPlan: Sendable {
    let keys: AttributeKeys
    let registry: RegistryConfig
    let slackMs: Int64
    /// Numbers of `service.name`, `service.namespace` and `service.instance.id`.
    let service: (name: Int, namespace: Int, instance: Int)
    let spanMetrics: SpanMetricsPlan?
    let serviceGraphs: ServiceGraphPlan?

    init(_ config: GeneratorConfig, tenant: String, instance: String) {
        var keys = AttributeKeys()
        registry = config.registry
        slackMs = config.slackMs
        service = (
            keys.number(of: "service.name"), keys.number(of: "service.namespace"),
            keys.number(of: "service.instance.id")
        )
        var labels = config.registry.externalLabels
        labels.append(("__metrics_gen_instance", instance))
        if let label = config.registry.tenantLabel { labels.append((label, tenant)) }
        spanMetrics = config.spanMetrics.map { SpanMetricsPlan($0, config.registry, labels, &keys) }
        serviceGraphs = config.serviceGraphs.map { ServiceGraphPlan($0, config.registry, labels, &keys) }
        self.keys = keys
    }
}
