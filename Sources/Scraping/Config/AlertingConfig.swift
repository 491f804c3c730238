package import Service

/// The `alerting` section: who is told of alerts.
package struct AlertingConfig: Sendable {
    /// Rules for the labels of all alerts.
    package var relabelRules: [RelabelRule] = []
    package var alertmanagers: [AlertmanagerConfig] = []

    /// Nobody is told.
    package init() {}
}

/// One element of `alertmanagers`.
package struct AlertmanagerConfig: Sendable {
    package var scheme = "http"
    package var pathPrefix = "/"
    package var timeoutMs: Int64 = 10_000
    package var http = HTTPClientSettings()
    package var staticGroups: [TargetGroup] = []
    package var fileDiscoveries: [FileDiscovery] = []
    /// Rules for the targets' own labels.
    package var relabelRules: [RelabelRule] = []
    /// Rules for the labels of alerts that these get.
    package var alertRelabelRules: [RelabelRule] = []

    /// Prometheus' defaults.
    package init() {}
}
