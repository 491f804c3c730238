import Service

/// The configuration files that `martlet up` writes for its servers.
enum StackConfig {
    /// File name and content.
    static func files(_ stack: Stack) -> [(name: String, text: String)] {
        [
            ("prometheus.yml", prometheus(stack)), ("promtail.yml", promtail(stack)),
            ("alertmanager.yml", alertmanager), ("loki.yml", loki(stack)), ("tempo.yml", tempo), ("agent.yml", agent),
        ]
    }

    private static let header = """
        # Written by martlet up. Change it and it is yours: a changed file is never overwritten.

        """

    private static func prometheus(_ stack: Stack) -> String {
        var text =
            header + """
                global:
                  scrape_interval: 15s
                  evaluation_interval: 15s

                # Rules of your own, in Prometheus' format; curl -X POST \(stack.url(9090))/-/reload after a change.
                rule_files:
                  - rules/*.yml

                alerting:
                  alertmanagers:
                    - static_configs:
                        - targets: ["\(member(stack, "alerts"))"]

                scrape_configs:
                  - job_name: node
                    static_configs:
                      - targets: ["\(member(stack, "agent"))"]
                """
        for name in ["metrics", "logs", "traces", "alerts", "dashboards"] {
            text += """

                  - job_name: martlet-\(name)
                    static_configs:
                      - targets: ["\(member(stack, name))"]
                """
        }
        return text + "\n"
    }

    private static func member(_ stack: Stack, _ name: String) -> String {
        guard let member = stack.members.first(where: { $0.name == name }) else { return "" }
        // Whatever the web interface listens on, this machine reaches it through loopback.
        return member.address.isLoopback ? "\(member.address)" : "127.0.0.1:\(member.address.port)"
    }

    private static func promtail(_ stack: Stack) -> String {
        header + """
            scrape_configs:
              - job_name: journal
                journal:
                  max_age: 12h
                  labels:
                    job: systemd-journal
                relabel_configs:
                  - source_labels: [__journal__systemd_unit]
                    target_label: unit
                  - source_labels: [__journal__hostname]
                    target_label: host
                  - source_labels: [__journal_priority_keyword]
                    target_label: level

              - job_name: files
                static_configs:
                  - labels:
                      job: varlogs
                      __path__: /var/log/**/*.log

              # What the stack itself says. Left out: the two that store and ship lines, or they would feed themselves, and the
              # one that prints the first password.
              - job_name: martlet
                static_configs:
                  - labels:
                      job: martlet
                      __path__: \(stack.outputDirectory)/*.log
                      __path_exclude__: \(stack.outputDirectory)/{logs,agent,dashboards}.log

            """
    }

    private static func loki(_ stack: Stack) -> String {
        header + """
            # Settings of the log server, in Loki's words; read at its start.

            # One tenant for everybody. With true, as Loki has it, every request names its tenant in X-Scope-OrgID.
            auth_enabled: false

            # limits_config:
            #   retention_period: 744h

            ruler:
              # Rules of your own, in Prometheus' format with LogQL: files in log-rules/fake, looked at every minute.
              storage:
                type: local
                local:
                  directory: "\(stack.logRulesDirectory)"
              alertmanager_url: \(stack.url(9093))
              # What recording rules make.
              remote_write:
                enabled: true
                add_org_id_header: false
                clients:
                  metrics:
                    url: \(stack.url(9090))/api/v1/write

            """
    }

    private static let tempo =
        header + """
            # Settings of the trace server, in Tempo's words; read at its start:
            #
            # overrides:
            #   defaults:
            #     global:
            #       max_bytes_per_trace: 5000000

            """

    private static let agent =
        header + """
            # Settings of the agent beside promtail.yml; read at its start:
            #
            # host_metrics:
            #   disable_collectors: [arp]
            # zipkin:
            #   endpoint: 127.0.0.1:9411
            # jaeger:
            #   protocols:
            #     grpc:
            #       endpoint: 127.0.0.1:14250
            #     thrift_http:
            #       endpoint: 127.0.0.1:14268

            """

    private static let alertmanager =
        header + """
            route:
              receiver: nobody
              group_by: [alertname]

            receivers:
              - name: nobody

            """
}
