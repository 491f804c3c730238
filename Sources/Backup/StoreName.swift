/// What is backed up: the stores of a stack, and the configuration beside them.
package enum StoreName: String, CaseIterable, Sendable {
    case metrics, logs, traces, dashboards, alerts
    /// A directory of configuration files, which no server keeps.
    case config

    /// Names as a command line lists them.
    static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// The server's port on this machine; nil for what no server keeps.
    var port: Int? {
        switch self {
        case .metrics: 9090
        case .logs: 3100
        case .traces: 3200
        case .dashboards: 3000
        case .alerts: 9093
        case .config: nil
        }
    }

    /// The tenant whose file lies at a path; nil for files of none, or of a store without tenants.
    func tenant(of path: String) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        switch self {
        case .metrics: return parts.first == "tenants" && parts.count > 2 ? parts[1] : "anonymous"
        case .logs: return parts.first == "tenants" && parts.count > 2 ? parts[1] : nil
        case .traces: return parts.count > 1 ? (parts[0] == "lock~" ? "lock" : parts[0]) : nil
        case .dashboards, .alerts, .config: return nil
        }
    }
}
