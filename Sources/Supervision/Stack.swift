package import Service

/// The six servers as one machine runs them: names, ports, directories and flags.
package struct Stack: Sendable {
    /// One server.
    package struct Member: Sendable {
        /// `metrics`, `logs`, …
        package let name: String
        /// The executable's name.
        package var executable: String { "martlet-\(name)" }
        /// Where it serves.
        package let address: ListenAddress
        /// Every port that it needs, with the flag's meaning; checked before anything starts.
        package let ports: [(address: ListenAddress, purpose: String)]
        /// Flags beside the common ones.
        package let arguments: [String]
    }

    /// The directory that holds everything.
    package let data: String
    /// Where the web interface is reached.
    package let dashboards: ListenAddress
    private let offset: Int

    /// - Parameters:
    ///   - data: absolute path of the directory that holds everything.
    ///   - host: where the web interface listens; all other servers stay on loopback.
    ///   - offset: added to every default port.
    package init(data: String, host: String, offset: Int) {
        self.data = data
        self.offset = offset
        dashboards = ListenAddress(host: host, port: 3000 + offset)
    }

    /// A server's address on this machine, by its default port.
    package func local(_ port: Int) -> ListenAddress {
        ListenAddress(host: "127.0.0.1", port: port + offset)
    }

    /// `http://127.0.0.1:PORT` of a server by its default port.
    package func url(_ port: Int) -> String { "http://\(local(port))" }

    /// Where the own configuration of the servers lies.
    package var configDirectory: String { data + "/config" }
    /// Where people put dashboards of their own.
    package var boardsDirectory: String { configDirectory + "/dashboards" }
    /// Where people put rules of their own.
    package var rulesDirectory: String { configDirectory + "/rules" }
    /// The same for rules on lines, in a directory for each tenant, of which there is one.
    package var logRulesDirectory: String { configDirectory + "/log-rules" }
    /// Where people put Grafana's provisioning files.
    package var provisioningDirectory: String { configDirectory + "/provisioning" }
    /// Where the servers' output is written.
    package var outputDirectory: String { data + "/output" }

    /// Every directory that must be there before anything starts.
    package var directories: [String] {
        [
            data, configDirectory, boardsDirectory, rulesDirectory, logRulesDirectory + "/fake",
            provisioningDirectory + "/dashboards",
            provisioningDirectory + "/datasources", outputDirectory,
        ]
    }

    /// All members, in the order of starting; what sends stops before what stores.
    package var members: [Member] {
        [
            member("metrics", 9090, memory: 20, ["--config.file=\(configDirectory)/prometheus.yml"]),
            member("logs", 3100, memory: 15, ["--config.file=\(configDirectory)/loki.yml"]),
            member(
                "traces", 3200, memory: 10,
                [
                    "--config.file=\(configDirectory)/tempo.yml",
                    "--otlp.grpc-listen-address=\(local(14317))", "--otlp.http-listen-address=\(local(14318))",
                    "--span-metrics.remote-write-url=\(url(9090))/api/v1/write",
                ], also: [(local(14317), "OTLP over gRPC"), (local(14318), "OTLP over HTTP")]),
            member("alerts", 9093, memory: 5, ["--config.file=\(configDirectory)/alertmanager.yml"]),
            member(
                "agent", 9080, memory: 5,
                [
                    "--config.file=\(configDirectory)/promtail.yml",
                    "--agent.config.file=\(configDirectory)/agent.yml",
                    "--otlp.grpc-listen-address=\(local(4317))", "--otlp.http-listen-address=\(local(4318))",
                    "--exporter.listen-address=\(local(8889))", "--metrics.url=\(url(9090))",
                    "--logs.url=\(url(3100))", "--traces.url=\(url(14318))",
                ],
                also: [
                    (local(4317), "OTLP over gRPC"), (local(4318), "OTLP over HTTP"), (local(8889), "the exporter"),
                ]),
            member(
                "dashboards", 3000, memory: 5,
                [
                    "--datasource.metrics=\(url(9090))", "--datasource.logs=\(url(3100))",
                    "--datasource.traces=\(url(3200))", "--datasource.alerts=\(url(9093))",
                    "--dashboards.path=\(boardsDirectory)", "--provisioning.path=\(provisioningDirectory)",
                ], on: dashboards),
        ]
    }

    private func member(
        _ name: String, _ port: Int, memory: Int, _ arguments: [String] = [], on address: ListenAddress? = nil,
        also ports: [(ListenAddress, String)] = []
    ) -> Member {
        let address = address ?? local(port)
        let common = [
            "--web.listen-address=\(address)", "--storage.path=\(data)/\(name)", "--memory.limit=\(memory)%",
            "--tracing.endpoint=\(url(14318))",
        ]
        return Member(
            name: name, address: address,
            ports: [(address, "HTTP")] + ports.map { (address: $0.0, purpose: $0.1) }, arguments: common + arguments)
    }
}
