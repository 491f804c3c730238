import Crypto
import MartletCore

/// The files of each server of a site, but certificates and tokens. Their relative names are of files beside them.
struct SiteConfig {
    let plan: SitePlan
    /// The tokens by name.
    let tokens: [SiteToken: String]
    /// The authority's certificate.
    let authority: String

    private static let header =
        "# Written by martlet certs site. Change it and it is yours: a changed file is never overwritten.\n"

    /// File names and content of a server's folder.
    func files(_ role: SiteRole, _ place: SitePlace) -> [(name: String, text: String)] {
        var files = [("web.yml", web(role)), ("flags.env", flags(role, place))]
        switch role {
        case .metrics: files += [("prometheus.yml", prometheus), ("rules/site.yml", Self.rules)]
        case .logs: files.append(("loki.yml", loki))
        case .agent: files.append(("agent.yml", agent))
        case .dashboards: files.append(("provisioning/datasources/site.yaml", sources))
        case .traces, .alerts: break
        }
        return files
    }

    // MARK: All servers

    private func web(_ role: SiteRole) -> String {
        var text = Self.header + "tls_server_config: { cert_file: server.crt, key_file: server.key }\n"
        if !role.accepted.isEmpty { text += "tokens:\n" }
        for (token, access) in role.accepted {
            let digest = Hex.text(SHA256.hash(data: Array((tokens[token] ?? "").utf8)))
            text += "  - { name: \(token.rawValue), access: \(access), token_sha256: \(digest) }\n"
        }
        return text
    }

    private func flags(_ role: SiteRole, _ place: SitePlace) -> String {
        let folder = "\(plan.installed)/\(role.rawValue)"
        var flags = ["--web.listen-address=\(place.listenAddress)", "--web.config.file=\(folder)/web.yml"]
        switch role {
        case .metrics: flags += ["--config.file=\(folder)/prometheus.yml", "--web.external-url=\(place.url)"]
        case .logs: flags.append("--config.file=\(folder)/loki.yml")
        case .traces:
            let otlp = SitePlace(host: place.host, port: plan.otlpPort)
            flags.append("--otlp.http-listen-address=\(otlp.listenAddress)")
        case .alerts: flags.append("--web.external-url=\(place.url)")
        case .dashboards: flags.append("--provisioning.path=\(folder)/provisioning")
        case .agent: flags.append("--agent.config.file=\(folder)/agent.yml")
        }
        return Self.header + "MARTLET_FLAGS=\"\(flags.joined(separator: " "))\"\n"
    }

    // MARK: Each server

    private var prometheus: String {
        var text =
            Self.header + """
                global:
                  scrape_interval: 15s

                # Rules of your own, in the folder rules beside this file, and those that come with Martlet.
                rule_files:
                  - rules/*.yml
                  # - /usr/share/martlet/rules/martlet.yml
                  # - /usr/share/martlet/rules/services.yml

                alerting:
                  alertmanagers:
                    - scheme: https
                      tls_config: { ca_file: ca.crt }
                      authorization: { credentials_file: alert.token }
                      static_configs: [{ targets: ["\(plan.servers[.alerts]?.address ?? "")"] }]

                # The dashboards answer for their own metrics on their machine only.
                scrape_configs:

                """
        text += job("node", plan.agents.map(\.address))
        for role: SiteRole in [.metrics, .logs, .traces, .alerts] {
            text += job("martlet-\(role.rawValue)", plan.servers[role].map { [$0.address] } ?? [])
        }
        return text
    }

    private static let rules =
        header + #"""
            groups:
              - name: site
                rules:
                  - alert: ServerDown
                    expr: up == 0
                    for: 5m
                    labels: { severity: critical }
                    annotations: { summary: "{{ $labels.instance }} ({{ $labels.job }}) does not answer" }
                  - alert: CertificateExpires
                    expr: martlet_tls_certificate_expiration_timestamp_seconds - time() < 21 * 86400
                    labels: { severity: warning }
                    annotations:
                      summary: "The certificate of {{ $labels.instance }} expires in {{ $value | humanizeDuration }}: martlet certs renew"

            """#

    private func job(_ name: String, _ targets: [String]) -> String {
        """
          - job_name: \(name)
            scheme: https
            tls_config: { ca_file: ca.crt }
            authorization: { credentials_file: scrape.token }
            static_configs: [{ targets: [\(targets.map { "\"\($0)\"" }.joined(separator: ", "))] }]

        """
    }

    /// Loki takes relative names as those of its working directory.
    private var loki: String {
        let folder = "\(plan.installed)/logs"
        return Self.header + """
            auth_enabled: false
            ruler:
              # Rules of your own, in Prometheus' format with LogQL: files in the folder rules/fake.
              storage: { type: local, local: { directory: "\(folder)/rules" } }
              alertmanager_url: \(plan.url(.alerts))
              alertmanager_client:
                tls_ca_path: "\(folder)/ca.crt"
                credentials_file: "\(folder)/alert.token"
              remote_write:
                enabled: true
                add_org_id_header: false
                clients:
                  metrics:
                    url: \(plan.url(.metrics))/api/v1/write
                    tls_config: { ca_file: "\(folder)/ca.crt" }
                    authorization: { credentials_file: "\(folder)/send.token" }

            """
    }

    private var agent: String {
        var text = Self.header + "exporter: { listen_address: \"off\" }\nforward:\n"
        for (signal, url) in [
            ("metrics", plan.url(.metrics)), ("logs", plan.url(.logs)), ("traces", plan.otlpURL),
        ] {
            text += """
                  \(signal):
                    url: \(url)
                    bearer_token_file: send.token
                    tls_config: { ca_file: ca.crt }

                """
        }
        return text
    }

    private var sources: String {
        var text = Self.header + "apiVersion: 1\ndatasources:\n"
        let certificate = authority.split(separator: "\n").map { "        \($0)\n" }.joined()
        for (role, type) in [
            (SiteRole.metrics, "prometheus"), (.logs, "loki"), (.traces, "tempo"), (.alerts, "alertmanager"),
        ] {
            text += """
                  - name: \(role.rawValue)
                    uid: \(role.rawValue)
                    type: \(type)
                    url: \(plan.url(role))
                    isDefault: \(role == .metrics)
                    jsonData: { tlsAuthWithCACert: true, httpHeaderName1: Authorization }
                    secureJsonData:
                      httpHeaderValue1: "Bearer \(tokens[.query] ?? "")"
                      tlsCACert: |
                \(certificate)
                """
        }
        return text
    }
}
