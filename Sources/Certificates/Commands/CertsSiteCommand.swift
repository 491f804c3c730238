import ArgumentParser
import FoundationEssentials
import Service

#if canImport(Glibc)
import Glibc
#endif

/// `martlet certs site DIR`
struct CertsSiteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "site", abstract: "Write certificates, tokens and configurations for several machines.",
        discussion: """
            DIR gets an authority, tokens, and a folder for each machine: copy it there and run its ./install. Every \
            connection between the servers is TLS and carries a token. Run the command again to add a machine or to \
            renew certificates with less than 30 days: what is right stays, and so does a file that you have changed. \
            docs/four-machines.md goes through it.
            """)

    @Argument(help: "Directory of the site; made if missing. Keep it where only you read it.")
    var directory: String

    @Option(help: ArgumentHelp("Where martlet-metrics runs: HOST or HOST:PORT, as the others reach it.", value: .host))
    var metrics: String

    @Option(help: ArgumentHelp("Where martlet-logs runs.", value: .host))
    var logs: String

    @Option(help: ArgumentHelp("Where martlet-traces runs.", value: .host))
    var traces: String

    @Option(help: ArgumentHelp("Where martlet-dashboards runs.", value: .host))
    var dashboards: String

    @Option(help: ArgumentHelp("Where martlet-alerts runs.", value: .host))
    var alerts: String

    @Option(
        help: ArgumentHelp(
            "A further machine with an agent, or another port of one; each machine above has an agent. May be given several times.",
            value: .host))
    var agent: [String] = []

    @Option(
        name: .customLong("otlp-port"),
        help: ArgumentHelp("Port at which martlet-traces takes OTLP over HTTP.", value: .count))
    var otlpPort = 14318

    @Option(
        name: .customLong("installed-at"),
        help: ArgumentHelp("Where a machine's folder will lie on that machine.", value: .directory))
    var installed = "/etc/martlet/site"

    /// What stands for itself in a script, in YAML and in an environment file.
    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-".utf8)

    func validate() throws {
        let plan = try plan()
        guard (1...65535).contains(otlpPort) else { throw ValidationError("--otlp-port must be within 1 and 65535") }
        guard installed.hasPrefix("/"), !installed.hasSuffix("/"),
            installed.utf8.allSatisfy({ Self.plain.contains($0) })
        else {
            throw ValidationError(
                "--installed-at must be an absolute path of ASCII letters, digits and any of . _ - /, without a slash at its end"
            )
        }
        if let conflict = plan.conflict { throw ValidationError("\(conflict): give one of them another port") }
    }

    func run() throws {
        umask(0o077)
        let plan = try plan()
        let outcome = try SiteWriter(directory).write(plan, now: Date())
        var text = ""
        for name in outcome.written { text += "wrote \(directory)/\(name)\n" }
        for name in outcome.kept { text += "using your \(directory)/\(name)\n" }
        if outcome.written.isEmpty { text += "all is as it should be\n" }
        text += "\n"
        for machine in plan.machines {
            let servers = machine.servers.map { "\($0.role.rawValue) :\($0.place.port)" }
            text += "\(machine.host): \(servers.joined(separator: ", "))\n"
        }
        let host = plan.machines.first?.host ?? ""
        text += """

            Copy the folder of each machine there and run its script, for instance
              rsync -a \(directory)/\(host)/ root@\(host):martlet-site/ && ssh root@\(host) martlet-site/install
            Then open \(plan.servers[.dashboards]?.url ?? ""); browsers trust it once \(directory)/ca.crt is imported.

            """
        StandardOutput.write(text)
    }

    private func plan() throws -> SitePlan {
        func place(_ text: String, _ role: SiteRole) throws -> SitePlace {
            guard let place = SitePlace(text, port: role.port) else {
                throw ValidationError(
                    "--\(role.rawValue) must be HOST or HOST:PORT, such as 10.0.0.5 or \(role.rawValue).example.org:\(role.port), "
                        + "not \"\(text)\""
                )
            }
            return place
        }
        return SitePlan(
            servers: [
                .metrics: try place(metrics, .metrics), .logs: try place(logs, .logs),
                .traces: try place(traces, .traces), .dashboards: try place(dashboards, .dashboards),
                .alerts: try place(alerts, .alerts),
            ], agents: try agent.map { try place($0, .agent) }, otlpPort: otlpPort, installed: installed)
    }
}
