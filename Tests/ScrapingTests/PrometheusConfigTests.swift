import Durable
import MartletCore
import RemoteStorage
import Scraping
import Service
import Testing
import Wire

@Suite("prometheus.yml")
struct PrometheusConfigTests {
    static func config(_ yaml: String) throws -> PrometheusConfig {
        try PrometheusConfig(ConfigDocument(text: yaml, file: "prometheus.yml"), directory: "/etc/prometheus")
    }

    @Test("an ordinary file is read whole, defaults filled in")
    func ordinary() throws {
        let config = try Self.config(
            """
            global:
              scrape_interval: 15s
              evaluation_interval: 30s
              external_labels: {site: "a$$b"}
            rule_files: ["rules/*.yml"]
            alerting:
              alertmanagers:
              - static_configs: [{targets: ["localhost:9093"]}]
            scrape_configs:
            - job_name: node
              scrape_timeout: 5s
              metrics_path: /probe
              params: {module: [http_2xx, other]}
              basic_auth: {username: u, password: p}
              static_configs:
              - targets: ["h1:9100", "h2:9100"]
                labels: {env: prod}
              relabel_configs:
              - {source_labels: [__address__], regex: "(.*):.*", target_label: host}
            """)
        #expect(config.global.evaluationIntervalMs == 30_000)
        #expect(config.global.externalLabels.first?.value == "a$b")
        #expect(config.warnings.isEmpty)
        #expect(config.ruleFiles == ["/etc/prometheus/rules/*.yml"])
        #expect(
            config.alerting.alertmanagers.first.map { AlertmanagerDiscovery($0).urls.active } == [
                "http://localhost:9093/api/v2/alerts"
            ])
        let job = try #require(config.scrapeConfigs.first)
        #expect(job.intervalMs == 15_000)
        #expect(job.timeoutMs == 5000)
        let target = try Target(Target.discovered("h1:9100", job.staticGroups[0], job), job)
        #expect(target.url == "http://h1:9100/probe?module=http_2xx&module=other")
        #expect(
            target.labels == Labels([("job", "node"), ("instance", "h1:9100"), ("env", "prod"), ("host", "h1")]))
        #expect(target.discoveredLabels["__scrape_interval__"] == "15s")
    }

    @Test(
        "a mistake names file, line and column",
        arguments: [
            ("globl: {}", "prometheus.yml:1:1: unknown key \"globl\""),
            ("scrape_configs:\n- job_name: a\n  scrape_intervall: 1s", "prometheus.yml:3:3: unknown key"),
            ("scrape_configs:\n- static_configs: []", "job_name"),
            ("scrape_configs: [{job_name: a}, {job_name: a}]", "multiple scrape configs"),
            ("scrape_configs: [{job_name: a, scrape_interval: 1s, scrape_timeout: 2s}]", "timeout is greater"),
            ("scrape_configs: [{job_name: a, kubernetes_sd_configs: []}]", "not supported"),
            ("scrape_configs: [{job_name: a, static_configs: [{targets: ['http://x']}]}]", "not a valid hostname"),
            ("remote_write: [{url: 'http://x', que: {}}]", "unknown key \"que\""),
            ("storage: {tsdb: {out_of_order_time_window: later}}", "out_of_order_time_window"),
            ("storage: {exemplars: {max_exemplars: -1}}", "must be within 0 and 10000000"),
            ("global: {scrape_interval: 0s}", "greater than 0"),
            ("scrape_configs: [{job_name: a, scrape_protocols: []}]", "scrape_protocols cannot be empty"),
            (
                "scrape_configs: [{job_name: a, scrape_protocols: [PrometheusProto, PrometheusProto]}]",
                "duplicated protocol"
            ),
            (
                "global: {scrape_protocols: [Text]}",
                "unknown scrape protocol Text, supported: [OpenMetricsText0.0.1 OpenMetricsText1.0.0 PrometheusProto "
                    + "PrometheusText0.0.4 PrometheusText1.0.0]"
            ),
            ("scrape_configs: [{job_name: a, fallback_scrape_protocol: csv}]", "unknown scrape protocol csv"),
            ("scrape_configs: [{job_name: a, native_histogram_bucket_limit: -1}]", "must not be negative"),
            ("remote_read: [{url: x}]", "must be a URL that begins with http:// or https://"),
        ])
    func mistakes(yaml: String, text: String) {
        let error = #expect(throws: ConfigError.self) { try Self.config(yaml) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }

    @Test("URLs may be targets where relabelling makes addresses of them, as for the blackbox exporter")
    func urls() throws {
        let config = try Self.config(
            """
            scrape_configs:
              - job_name: probe
                static_configs: [{ targets: ["https://example.org/"] }]
                relabel_configs:
                  - { source_labels: [__address__], target_label: __param_target }
                  - { target_label: __address__, replacement: "blackbox:9115" }
            """)
        let job = try #require(config.scrapeConfigs.first)
        let target = try Target(
            Target.discovered("https://example.org/", try #require(job.staticGroups.first), job), job)
        #expect(target.url == "http://blackbox:9115/metrics?target=https%3A%2F%2Fexample.org%2F")
    }

    @Test("names of certificates and secrets start from the file's directory")
    func files() throws {
        let config = try Self.config(
            """
            scrape_configs:
              - job_name: a
                tls_config: { ca_file: tls/ca.pem, cert_file: /abs/a.pem, key_file: a.key }
                authorization: { credentials_file: token }
            alerting: { alertmanagers: [{ basic_auth: { username: a, password_file: alert.password } }] }
            remote_write: [{ url: "https://x", http_headers: { X-Key: { files: [key] } } }]
            remote_read: [{ url: "https://x", bearer_token_file: /abs/token }]
            """)
        let job = try #require(config.scrapeConfigs.first)
        #expect(job.http.tls?.files == ["/etc/prometheus/tls/ca.pem", "/abs/a.pem", "/etc/prometheus/a.key"])
        #expect(job.http.authorization == .header(type: "Bearer", credentials: .file("/etc/prometheus/token")))
        #expect(
            config.alerting.alertmanagers.first?.http.authorization
                == .basic(user: .value(Secret("a")), password: .file("/etc/prometheus/alert.password")))
        #expect(config.remoteWrite.first?.http.headers.map(\.value) == [.file("/etc/prometheus/key")])
        #expect(
            config.remoteRead.first?.http.authorization == .header(type: "Bearer", credentials: .file("/abs/token")))
    }

    @Test("what is wanted of histograms comes from the job, or else from the global section")
    func histograms() throws {
        let config = try Self.config(
            """
            global: {scrape_native_histograms: true, convert_classic_histograms_to_nhcb: true}
            scrape_configs:
            - job_name: a
              always_scrape_classic_histograms: true
              scrape_protocols: [PrometheusProto, PrometheusText0.0.4]
              fallback_scrape_protocol: PrometheusText1.0.0
              native_histogram_bucket_limit: 160
              native_histogram_min_bucket_factor: 1.1
            - {job_name: b, scrape_native_histograms: false}
            """)
        let (a, b) = (config.scrapeConfigs[0], config.scrapeConfigs[1])
        #expect(a.histograms == HistogramReading(takesNative: true, keepsClassic: true, convertsClassic: true))
        #expect(a.protocols == [.protobuf, .text0])
        #expect(a.fallbackProtocol == .text1)
        #expect(a.bucketLimit == 160)
        // 2^(2^-2) is 1.19, 2^(2^-3) is 1.09.
        #expect(a.finestSchema == 2)
        #expect(b.histograms == HistogramReading(convertsClassic: true))
        #expect(b.protocols == nil)
        #expect(b.finestSchema == 8)
        #expect(config.warnings.isEmpty)
    }

    @Test("the shown text is the file in block style without its secrets")
    func shownText() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("prometheus.yml")
        let text = """
            global: {scrape_interval: 15s, external_labels: {password: none}} # a label is no secret
            scrape_configs:
            - {job_name: "a", basic_auth: {username: u, password: hunter2}}
            remote_write:
            - url: https://u:hunter2@example.org/x:y@z
            - url: https://u@example.org:80
            """
        try AtomicFile.publish(path, Array(text.utf8))
        #expect(
            try PrometheusConfig(path: path).text == """
                global:
                  scrape_interval: 15s
                  external_labels:
                    password: none
                scrape_configs:
                - job_name: "a"
                  basic_auth:
                    username: u
                    password: <secret>
                remote_write:
                - url: https://u:xxxxx@example.org/x:y@z
                - url: https://u@example.org:80

                """)
        try AtomicFile.publish(path, [])
        #expect(try PrometheusConfig(path: path).text.isEmpty)
        try AtomicFile.publish(path, Array((text + "\n  authorization_note: hunter2").utf8))
        #expect(throws: ConfigError.self) { try PrometheusConfig(path: path) }
    }

    @Test(
        "secrets are hidden however they are written",
        arguments: [
            "basic_auth: {username: u, password: hunter2}", "basic_auth: {username: u, \"password\": 'hunter2'}",
            "basic_auth: {username: u, password: &anchor hunter2}", "authorization: {credentials: hunter2}",
            "basic_auth:\n  username: u\n  password: |\n    hunter2\n\n    hunter2",
            "basic_auth:\n  username: u\n  password: >-\n    hunter2", "bearer_token:\n  hunter2",
            "tls_config: {cert: hunter2, key: hunter2}", "http_headers: {X-Key: {secrets: [hunter2, hunter2]}}",
            "http_headers:\n  X-Key:\n    secrets:\n    - hunter2",
        ])
    func secrets(yaml: String) throws {
        let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).map { "\n  " + $0 }.joined()
        let text = try #require(try Self.config("scrape_configs:\n- job_name: a" + lines).scrapeConfigs.first).text
        #expect(text.contains("<secret>"))
        #expect(!text.contains("hunter2"), "\(text)")
    }

    @Test("a job is equal when it is read again, and another when it changes or a default that it takes")
    func equality() throws {
        func job(_ yaml: String) throws -> ScrapeConfig { try Self.config(yaml).scrapeConfigs[0] }
        let text = """
            scrape_configs:
            - job_name: a
              params: {b: [c], a: [d]}
              basic_auth: {username: u, password: p}
              http_headers: {X-Scope: {values: [x]}}
              static_configs: [{targets: ['h:1']}]
              relabel_configs: [{source_labels: [env], regex: test, action: drop}]
            """
        #expect(try job(text) == job(text))
        #expect(try job(text) != job("global: {scrape_interval: 30s}\n" + text))
        for (old, new) in [("password: p", "password: q"), ("regex: test", "regex: prod"), ("[c]", "[e]")] {
            #expect(try job(text) != job(text.replacing(old, with: new)), "\(new)")
        }
    }

    @Test("a target is the same whatever it is discovered with, if it is scraped the same way into the same series")
    func identity() throws {
        let config = try Self.config(
            """
            scrape_configs:
            - job_name: a
              relabel_configs: [{source_labels: [__meta_path], target_label: __metrics_path__, regex: (.+)}]
            """)
        let job = config.scrapeConfigs[0]
        func target(_ labels: [String: String]) throws -> Target {
            try Target(Target.discovered("h:1", TargetGroup(targets: [], labels: labels), job), job)
        }
        let first = try target([:]).identity
        #expect(try target(["__meta_filepath": "b.json", "__tmp": "x"]).identity == first)
        #expect(try target(["env": "test"]).identity != first)
        #expect(try target(["__meta_path": "/other"]).identity != first)
        #expect(try target(["__scrape_interval__": "30s"]).identity != first)
    }

    @Test("a dropped target and an unusable one are told apart")
    func refusals() throws {
        let config = try Self.config(
            """
            scrape_configs:
            - job_name: a
              relabel_configs: [{source_labels: [env], regex: test, action: drop}]
            """)
        let job = config.scrapeConfigs[0]
        let dropped = Target.discovered("h:1", TargetGroup(targets: [], labels: ["env": "test"]), job)
        #expect(throws: Target.Refusal.self) { try Target(dropped, job) }
        let bad = Target.discovered("h:1", TargetGroup(targets: [], labels: ["__scrape_interval__": "x"]), job)
        #expect(throws: Target.Refusal.self) { try Target(bad, job) }
    }

    @Test("Alertmanagers are found, relabelled and told apart")
    func alertmanagers() throws {
        let config = try Self.config(
            """
            alerting:
              alert_relabel_configs: [{action: labeldrop, regex: replica}]
              alertmanagers:
              - scheme: https
                path_prefix: /am/
                timeout: 3s
                basic_auth: {username: u, password: p}
                static_configs: [{targets: ["a:1", "b:1", "a:1"], labels: {keep: "yes"}}, {targets: ["c:1"]}]
                relabel_configs: [{source_labels: [keep], regex: "yes", action: keep}]
            """)
        #expect(config.alerting.relabelRules.count == 1)
        let manager = try #require(config.alerting.alertmanagers.first)
        #expect(manager.timeoutMs == 3000)
        let urls = AlertmanagerDiscovery(manager).urls
        #expect(urls.active == ["https://a:1/am/api/v2/alerts", "https://b:1/am/api/v2/alerts"])
        #expect(urls.dropped == ["https://c:1/am/api/v2/alerts"])
    }

    @Test(
        "sections about rules and alerts are checked",
        arguments: [
            ("rule_files: ['a/*/b.yml']", "invalid rule file path \"a/*/b.yml\""),
            (
                "alerting: {alertmanagers: [{api_version: v1}]}",
                "expected Alertmanager api version to be one of [v2] but got v1"
            ),
            ("alerting: {alertmanagers: [{scheme: ftp}]}", "must be http or https"),
            ("alerting: {alertmanagers: [{sigv4: {}}]}", "not supported"),
            ("alerting: {alertmanager: []}", "unknown key \"alertmanager\""),
        ])
    func alertingMistakes(_ yaml: String, _ expected: String) {
        do {
            _ = try Self.config(yaml)
            Issue.record("\(yaml) was taken")
        } catch {
            #expect("\(error)".contains(expected))
        }
    }
}
