/// One of the servers of a site.
package enum SiteRole: String, CaseIterable, Sendable {
    case metrics, logs, traces, alerts, dashboards, agent

    /// Where it listens unless somebody says otherwise.
    package var port: Int {
        switch self {
        case .metrics: 9090
        case .logs: 3100
        case .traces: 3200
        case .alerts: 9093
        case .dashboards: 3000
        case .agent: 9080
        }
    }

    /// Whose requests it takes. The dashboards ask people for a login instead, and would ask them for a token besides.
    var accepted: [(token: SiteToken, access: String)] {
        switch self {
        case .metrics, .logs, .traces: [(.send, "write"), (.query, "read"), (.scrape, "read")]
        case .alerts: [(.alert, "write"), (.query, "all"), (.scrape, "read")]
        case .agent: [(.send, "write"), (.scrape, "read")]
        case .dashboards: []
        }
    }

    /// The tokens that it sends, as files beside its configuration.
    var held: [SiteToken] {
        switch self {
        case .metrics: [.scrape, .alert]
        case .logs: [.send, .alert]
        case .agent: [.send]
        case .traces, .alerts, .dashboards: []
        }
    }
}
