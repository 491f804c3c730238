import Service

/// Which OTLP attributes become stream labels, which structured metadata, and which are dropped.
package struct OTLPLabelRules: Sendable, Equatable {
    /// What becomes of an attribute.
    package enum Action: String, CaseIterable, Sendable {
        case indexLabel = "index_label"
        case structuredMetadata = "structured_metadata"
        case drop
    }

    /// Resource attributes that are stream labels unless the rules say otherwise.
    package var resourceLabels = [
        "service.name", "service.namespace", "service.instance.id", "deployment.environment",
        "deployment.environment.name", "cloud.region", "cloud.availability_zone", "k8s.cluster.name",
        "k8s.namespace.name",
        "k8s.pod.name", "k8s.container.name", "container.name", "k8s.replicaset.name", "k8s.deployment.name",
        "k8s.statefulset.name", "k8s.daemonset.name", "k8s.cronjob.name", "k8s.job.name",
    ]
    /// Own rules for resource attributes by name.
    package var resource: [String: Action] = [:]
    /// Own rules for scope attributes by name.
    package var scope: [String: Action] = [:]
    /// Own rules for log attributes by name.
    package var log: [String: Action] = [:]
    /// Whether any log attribute becomes a stream label.
    var hasLogLabels: Bool { log.values.contains(.indexLabel) }
    /// Whether the severity's text becomes the stream label `severity_text`.
    package var severityTextAsLabel = false

    /// Loki's defaults.
    package init() {}

    /// Reads `otlp_config`.
    mutating func read(_ node: ConfigNode) throws {
        try node.mapping { mapping in
            try mapping.mapping("resource_attributes") { resource in
                if try resource.bool("ignore_defaults") == true { resourceLabels = [] }
                self.resource = try Self.rules(&resource, "attributes_config")
            }
            scope = try Self.rules(&mapping, "scope_attributes")
            log = try Self.rules(&mapping, "log_attributes")
            severityTextAsLabel = try mapping.bool("severity_text_as_label") ?? false
        }
    }

    private static func rules(_ mapping: inout ConfigMapping, _ key: String) throws -> [String: Action] {
        var rules: [String: Action] = [:]
        for (action, names) in try mapping.mappings(
            key,
            { rule in
                try rule.unsupported("regex", because: "name the attributes")
                return (try rule.required("action").choice(Action.self), try rule.strings("attributes"))
            })
        {
            for name in names { rules[name] = action }
        }
        return rules
    }
}
