/// Which servers of a site run where.
package struct SitePlan: Sendable {
    /// One of the machines, and what runs on it.
    package struct Machine: Sendable {
        package let host: String
        package let servers: [(role: SiteRole, place: SitePlace)]
    }

    /// The five servers that a site has once.
    package let servers: [SiteRole: SitePlace]
    /// One on each machine, and those of machines that run nothing else.
    package let agents: [SitePlace]
    /// Where the trace server takes OTLP over HTTP.
    package let otlpPort: Int
    /// Where a machine's folder lies on that machine, without a slash at the end.
    package let installed: String

    /// - Parameters:
    ///   - servers: where the servers are, agents left out.
    ///   - agents: machines with an agent besides those of the servers, or the port of the agent there.
    ///   - otlpPort: where the trace server takes OTLP over HTTP.
    ///   - installed: where a machine's folder will lie on it.
    package init(servers: [SiteRole: SitePlace], agents: [SitePlace], otlpPort: Int, installed: String) {
        self.servers = servers
        self.otlpPort = otlpPort
        self.installed = installed
        var all = agents
        for role in SiteRole.allCases {
            guard let host = servers[role]?.host, !all.contains(where: { $0.host == host }) else { continue }
            all.append(SitePlace(host: host, port: SiteRole.agent.port))
        }
        self.agents = all
    }

    /// The machines, in the order of their first server.
    package var machines: [Machine] {
        var hosts: [String] = []
        let placed =
            SiteRole.allCases.compactMap { role in servers[role].map { (role: role, place: $0) } }
            + agents.map { (role: .agent, place: $0) }
        for server in placed where !hosts.contains(server.place.host) { hosts.append(server.place.host) }
        return hosts.map { host in Machine(host: host, servers: placed.filter { $0.place.host == host }) }
    }

    /// Two servers at one address; nil when there are none.
    package var conflict: String? {
        var taken: [String: String] = [:]
        var all = machines.flatMap(\.servers).map { ($0.place, $0.role.rawValue) }
        if let traces = servers[.traces] { all.append((SitePlace(host: traces.host, port: otlpPort), "traces' OTLP")) }
        for (place, name) in all {
            if let other = taken.updateValue(name, forKey: place.address) {
                return "\(other) and \(name) are both at \(place.address)"
            }
        }
        return nil
    }

    /// `https://HOST:PORT` of a server; empty for one that there is not.
    func url(_ role: SiteRole) -> String { servers[role]?.url ?? "" }

    /// Where the trace server takes OTLP over HTTP.
    var otlpURL: String { servers[.traces].map { SitePlace(host: $0.host, port: otlpPort).url } ?? "" }
}
