package import RemoteStorage
package import Rules
package import Service

/// Loki's `ruler` section: which rules are evaluated, who is told of alerts, and where recorded series go.
package struct RulerConfig: Sendable {
    /// Where recorded series are sent.
    package struct RemoteWrite: Sendable {
        package var receivers: [RemoteWriteConfig]
        /// Whether requests name the tenant in `X-Scope-OrgID`.
        package var addsTenantHeader = true

        /// Receivers that are told of tenants.
        package init(_ receivers: [RemoteWriteConfig]) {
            self.receivers = receivers
        }
    }

    /// Holds a directory of rule files for each tenant; without it there are no rules.
    package var directory: String?
    /// Of groups that have none, in milliseconds.
    package var evaluationIntervalMs: Int64 = 60_000
    /// How often files are looked at, in milliseconds; 0 for never.
    package var pollIntervalMs: Int64 = 60_000
    /// The address of the Grafana that shows expressions, and how it calls this server.
    package var externalURL = ""
    package var datasourceUID = ""
    /// Labels of all alerts.
    package var externalLabels: [(key: String, value: String)] = []
    package var alertmanagers: [AlertmanagerGroup] = []
    package var alertRelabelRules: [RelabelRule] = []
    /// Alerts that wait for one Alertmanager.
    package var notificationQueueCapacity = 10_000
    package var settings = RuleContext.Settings()
    /// Whether rules are shown and written over HTTP.
    package var isAPIEnabled = true
    /// Tenants whose rules are evaluated, all when empty, and those whose rules are not.
    package var enabledTenants: Set<String> = []
    package var disabledTenants: Set<String> = []
    /// nil: recording rules are refused.
    package var remoteWrite: RemoteWrite?
    /// Where recorded samples wait; nil for `ruler-wal` in the data directory.
    package var walDirectory: String?
    /// Rules of a group and groups of a tenant that may be written over HTTP; 0 for no limit.
    package var maxRulesPerGroup = 0
    package var maxGroupsPerTenant = 0

    /// No rules.
    package init() {}

    /// Whether rules of a tenant are evaluated.
    func evaluates(_ tenant: String) -> Bool {
        (enabledTenants.isEmpty || enabledTenants.contains(tenant)) && !disabledTenants.contains(tenant)
    }

    /// What is wrong with a group beyond its rules: without receivers nothing is recorded.
    func fault(of group: RuleGroupDefinition) -> String? {
        guard remoteWrite == nil, let rule = group.rules.first(where: { $0.kind == .recording }) else { return nil }
        return "group \"\(group.name)\", \"\(rule.name)\": recording rules need a receiver of their series: set "
            + "ruler.remote_write.enabled and ruler.remote_write.clients, or --rules.remote-write-url"
    }
}
