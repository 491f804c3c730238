import Collection
import Delivery
import Durable
import MartletCore
import Service
import Testing

@Suite("A promtail configuration")
struct PromtailConfigTests {
    private func parse(_ yaml: String) throws -> PromtailConfig {
        try PromtailConfig(ConfigDocument(text: yaml, file: "config.yml"))
    }

    @Test("is read whole")
    func whole() throws {
        let config = try parse(
            """
            server: {http_listen_port: 9080, grpc_listen_port: 0}
            positions: {filename: /tmp/positions.yaml, sync_period: 5s}
            clients:
            - url: http://127.0.0.1:3100/loki/api/v1/push
              tenant_id: t
              batchwait: 2s
              batchsize: 2048
              external_labels: {dc: x}
              basic_auth: {username: u, password: hidden-word}
              backoff_config: {min_period: 100ms, max_period: 1m, max_retries: 3}
            limits_config: {max_line_size: 64kb}
            scrape_configs:
            - job_name: system
              static_configs:
              - targets: [localhost]
                labels: {job: varlogs, __path__: /var/log/**/*.log, __path_exclude__: '/var/log/x*'}
              relabel_configs:
              - {source_labels: [job], target_label: copy}
            - job_name: journal
              journal: {json: true, max_age: 1h, path: /j, matches: '_TRANSPORT=kernel + PRIORITY=3', labels: {a: b}}
              pipeline_stages: [{static_labels: {c: d}}]
            """)
        let client = try #require(config.clients.first)
        #expect(client.tenant == "t")
        #expect(client.batchWait == 2000)
        #expect(client.batchBytes == 2048)
        #expect(client.basicAuth?.user == "u")
        #expect(client.externalLabels == Labels([("dc", "x")]))
        #expect(client.longestBackoff == 60_000)
        #expect(config.positionsFile == "/tmp/positions.yaml")
        #expect(config.tail.lineLimit == 64_000 || config.tail.lineLimit == 65_536)
        #expect(config.jobs.map(\.name) == ["system", "journal"])
        let file = try #require(config.jobs[0].files.first)
        #expect(file.labels["copy"] == "varlogs")
        #expect(file.include.map(\.description) == ["/var/log/**/*.log"])
        #expect(file.exclude.count == 1)
        let journal = try #require(config.jobs[1].journal)
        #expect(journal.asJSON)
        #expect(journal.maxAge == 3_600_000)
        #expect(journal.matches == ["_TRANSPORT=kernel", "+", "PRIORITY=3"])
        #expect(config.warnings.contains { $0.hasPrefix("config.yml:1:") && $0.contains("http_listen_port") })
        #expect(client.mostRetries == 3)
    }

    @Test(
        "says how often a batch is sent that the server has a limit against",
        arguments: [
            ("{url: 'http://x'}", 10, nil),
            ("{url: 'http://x', backoff_config: {max_retries: 4}}", 4, 4),
            ("{url: 'http://x', backoff_config: {max_retries: 0}}", nil, nil),
            ("{url: 'http://x', backoff_config: {max_retries: 4}, drop_rate_limited_batches: true}", 1, 1),
        ] as [(String, Int?, Int?)])
    func retries(client: String, streams: Int?, rate: Int?) throws {
        let policy = try #require(parse("clients: [\(client)]").clients.first).retryPolicy
        #expect(policy.attemptsAtLimit[.streams] == streams)
        #expect(policy.attemptsAtLimit[.rate] == rate)
    }

    @Test("Both built-in configurations are valid", arguments: [true, false])
    func standard(_ hasJournal: Bool) throws {
        let config = try parse(PromtailConfig.standard(hasJournal: hasJournal))
        #expect((config.jobs.first?.journal != nil) == hasJournal)
    }

    @Test(
        "with a mistake, or with what this version does not do, names its place",
        arguments: [
            ("scrapeconfigs: []", "unknown key \"scrapeconfigs\""), ("clients: [{}]", "needs the key \"url\""),
            ("clients: [{url: tcp://x}]", "must begin with http"),
            ("clients: [{url: http://x, oauth2: {}}]", "oauth2 is not supported"),
            ("clients: [{url: http://x, tls_config: {cert_file: a}}]", "cert and key must be given together"),
            ("clients: [{url: http://x, backoff_config: {max_retries: -1}}]", "max_retries must not be negative"),
            ("scrape_configs: [{job_name: a, syslog: {}}]", "syslog is not supported"),
            ("scrape_configs: [{job_name: a, static_configs: [{labels: {job: x}}]}]", "__path__ is missing"),
            ("scrape_configs: [{job_name: a, static_configs: [{labels: {__path__: 'x/*'}}]}]", "not absolute"),
            ("scrape_configs: [{job_name: a}, {job_name: a}]", "not unique"),
            (
                "scrape_configs: [{job_name: a, pipeline_stages: [{template: {source: x, template: y}}]}]",
                "stage \"template\" is not supported"
            ),
            (
                "scrape_configs: [{job_name: a, pipeline_stages: [{regexp: {expression: x}}]}]",
                "unknown pipeline stage \"regexp\""
            ),
            ("scrape_configs: [{job_name: a, pipeline_stages: [{regex: {expression: 'x'}}]}]", "no named group"),
            ("scrape_configs: [{job_name: a, pipeline_stages: [{regex: {expression: '('}}]}]", "error parsing regexp"),
            ("scrape_configs: [{job_name: a, pipeline_stages: [{json: {expressions: {x: 'length(a)'}}}]}]", "JMESPath"),
            ("scrape_configs: [{job_name: a, pipeline_stages: [{match: {selector: '{a=x}'}}]}]", "quoted string"),
            ("scrape_configs: [{job_name: a, pipeline_stages: [{drop: {}}]}]", "at least one of"),
            (
                "scrape_configs: [{job_name: a, pipeline_stages: [{timestamp: {source: x}}]}]",
                "needs the key \"format\""
            ),
            ("scrape_configs: [{job_name: a, decompression: {enabled: true}}]", "decompression is not supported"),
        ])
    func mistakes(_ yaml: String, _ reason: String) {
        do {
            _ = try parse(yaml)
            Issue.record("accepted")
        } catch let error as ConfigError {
            #expect(error.description.contains(reason), "\(error)")
            #expect(error.line == 1)
        } catch {
            Issue.record("\(error)")
        }
    }
}

@Suite("The agent's own configuration")
struct AgentConfigTests {
    private func parse(_ yaml: String) throws -> AgentConfig {
        try AgentConfig(ConfigDocument(text: yaml, file: "agent.yml"))
    }

    @Test("is read whole")
    func whole() throws {
        let config = try parse(
            """
            host_metrics: {enabled: true, disable_collectors: [arp], disk_device_exclude: '^sda', network_device_exclude: '^lo$'}
            otlp: {grpc_listen_address: 'off', http_listen_address: 127.0.0.1:5318}
            exporter: {listen_address: 127.0.0.1:5889}
            forward:
              traces: {url: http://t:1, tenant_id: x}
              metrics: {url: https://m, bearer_token: hidden-word}
            queue: {max_bytes: 64MB}
            """)
        #expect(config.otlpGRPC == nil)
        #expect(config.otlpHTTP?.port == 5318)
        #expect(config.exporter?.port == 5889)
        #expect(config.traces.tenant == "x")
        #expect(config.metrics.bearerToken?.revealed == "hidden-word")
        #expect(config.logs.url == "http://127.0.0.1:3100")
        #expect(try !config.collectors().map(\.name).contains("arp"))
        #expect(try config.collectors().count == HostRegistry.standard().count - 1)
    }

    @Test("names certificates and tokens by files beside it")
    func files() throws {
        let directory = try TemporaryDirectory()
        func write(_ name: String, _ text: String) throws {
            try AtomicFile.publish(FilePath.join(directory.path, name), Array(text.utf8))
        }
        try write("send.token", "hidden-word\n")
        try write(
            "agent.yml",
            "forward: {logs: {url: https://l, bearer_token_file: send.token, tls_config: {ca_file: ca.crt, server_name: l.org}}}"
        )
        let config = try AgentConfig(path: FilePath.join(directory.path, "agent.yml"))
        #expect(config.logs.bearerToken?.revealed == "hidden-word")
        #expect(config.logs.tls?.authorities == .file(FilePath.join(directory.path, "ca.crt")))
        #expect(config.logs.tls?.serverName == "l.org")
        #expect(config.metrics.tls == nil)
        try write("agent.yml", "forward: {logs: {url: https://l, bearer_token_file: other.token}}")
        #expect { try AgentConfig(path: FilePath.join(directory.path, "agent.yml")) } throws: {
            "\($0)".contains("cannot read \(directory.path)/other.token")
        }
    }

    @Test(
        "with a mistake names it",
        arguments: [
            ("host_metrics: {disable_collectors: [nope]}", "there is no collector"),
            ("otlp: {grpc_listen_address: x}", "HOST:PORT"),
            ("forward: {traces: {url: x}}", "must begin with http"), ("queue: {max_bytes: 1}", "at least 1MiB"),
            ("host_metrics: {disk_device_exclude: '('}", "error parsing regexp"),
            ("otlp: {grpc: x}", "unknown key \"grpc\""),
        ])
    func mistakes(_ yaml: String, _ reason: String) {
        do {
            _ = try parse(yaml)
            Issue.record("accepted")
        } catch {
            #expect("\(error)".contains(reason), "\(error)")
        }
    }
}
