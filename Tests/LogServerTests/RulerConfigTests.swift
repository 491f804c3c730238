import ArgumentParser
import LogServer
import RemoteStorage
import Rules
import Service
import Testing

@Suite("Loki's ruler section")
struct RulerConfigTests {
    private func read(_ text: String) throws -> LogConfig {
        try LogConfig(ConfigDocument(text: text, file: "loki.yaml"))
    }

    @Test("is read with all that has a meaning")
    func reading() throws {
        let config = try read(
            """
            ruler:
              external_url: https://grafana.example.com
              datasource_uid: loki
              external_labels: {site: here}
              evaluation_interval: 30s
              poll_interval: 10s
              storage: {type: local, local: {directory: /rules}}
              alertmanager_url: http://a:9093, https://b/am/
              notification_queue_capacity: 5
              notification_timeout: 3s
              alert_relabel_configs: [{source_labels: [severity], target_label: urgency}]
              for_outage_tolerance: 2h
              for_grace_period: 1m
              resend_delay: 5m
              enable_api: false
              enabled_tenants: a, b
              wal: {dir: /wal}
              remote_write:
                enabled: true
                add_org_id_header: false
                clients:
                  main: {url: "http://metrics/api/v1/write", queue_config: {capacity: 7}}
            """)
        let ruler = config.ruler
        #expect(ruler.externalURL == "https://grafana.example.com")
        #expect(ruler.datasourceUID == "loki")
        #expect(ruler.externalLabels.map(\.key) == ["site"])
        #expect(ruler.evaluationIntervalMs == 30_000)
        #expect(ruler.pollIntervalMs == 10_000)
        #expect(ruler.directory == "/rules")
        #expect(ruler.alertmanagers.flatMap(\.urls) == ["http://a:9093/api/v2/alerts", "https://b/am/api/v2/alerts"])
        #expect(ruler.alertmanagers.map(\.timeoutMs) == [3000, 3000])
        #expect(ruler.notificationQueueCapacity == 5)
        #expect(ruler.alertRelabelRules.count == 1)
        #expect(ruler.settings.outageToleranceMs == 7_200_000)
        #expect(ruler.settings.gracePeriodMs == 60_000)
        #expect(ruler.settings.resendDelayMs == 300_000)
        #expect(!ruler.isAPIEnabled)
        #expect(ruler.enabledTenants == ["a", "b"])
        #expect(ruler.walDirectory == "/wal")
        #expect(ruler.remoteWrite?.receivers.map(\.name) == ["main"])
        #expect(ruler.remoteWrite?.receivers.map(\.queue.capacity) == [7])
        #expect(ruler.remoteWrite?.receivers.map(\.metadata.isSent) == [false])
        #expect(ruler.remoteWrite?.addsTenantHeader == false)
        #expect(config.warnings == [])
    }

    @Test(
        "directories have three names",
        arguments: [
            "common: {storage: {filesystem: {chunks_directory: /c, rules_directory: /r}}}",
            "ruler: {storage: {local: {directory: /r}}}",
            "ruler_storage: {backend: local, local: {directory: /r}}",
            "common: {storage: {filesystem: {rules_directory: /c}}}\nruler: {storage: {type: local, local: {directory: /r}}}",
        ])
    func directories(text: String) throws {
        #expect(try read(text).ruler.directory == "/r")
    }

    @Test("keys of a ring and of temporary files have no effect, each with one warning")
    func ignored() throws {
        let config = try read(
            "ruler: {rule_path: /tmp/rules, ring: {kvstore: {store: inmemory}}, flush_period: 1m, evaluation: {mode: local}}"
        )
        #expect(config.warnings.count == 3)
    }

    @Test(
        "what would change results is refused, as are unknown keys",
        arguments: [
            ("ruler: {alertmanager_urls: x}", "unknown key \"alertmanager_urls\" in ruler"),
            ("ruler: {storage: {type: s3}}", "ruler.storage.type must be local"),
            ("ruler: {storage: {local: {dir: /r}}}", "unknown key \"dir\" in ruler.storage.local"),
            ("ruler: {enable_alertmanager_discovery: true}", "is not supported"),
            ("ruler: {enable_alertmanager_v2: false}", "must be true"),
            ("ruler: {alertmanager_url: 'am:9093'}", "is no URL that begins with http:// or https://"),
            ("ruler: {evaluation: {mode: remote}}", "must be local"),
            ("ruler: {evaluation_interval: 0s}", "must be greater than 0"),
            ("ruler: {remote_write: {enabled: true}}", "remote-write enabled but no clients are configured"),
            ("ruler: {remote_write: {clients: {a: {url: http://m, urls: x}}}}", "unknown key \"urls\""),
            ("ruler: {alertmanager_client: {tls_cert_path: c}}", "must be given together"),
            ("limits_config: {ruler_alertmanager_config: {alertmanager_url: x}}", "is not supported"),
        ])
    func refused(text: String, part: String) {
        #expect {
            _ = try read(text)
        } throws: {
            "\($0)".contains(part)
        }
    }

    @Test("credentials of an Alertmanager come from its URL, unless the client has some")
    func credentials() throws {
        let inURL = try read("ruler: {alertmanager_url: 'http://us%40er:pass@a:1'}").ruler.alertmanagers
        #expect(inURL.flatMap(\.urls) == ["http://a:1/api/v2/alerts"])
        #expect(
            inURL.first?.http.authorization == .basic(user: .value(Secret("us@er")), password: .value(Secret("pass"))))
        let inClient = try read(
            "ruler: {alertmanager_url: 'http://u:p@a:1', alertmanager_client: {type: Token, credentials_file: /f}}"
        ).ruler.alertmanagers
        #expect(inClient.first?.http.authorization == .header(type: "Token", credentials: .file("/f")))
    }

    @Test("remote write is off until it is enabled, and where the limits say so")
    func remoteWrite() throws {
        let clients = "clients: {a: {url: http://m}}"
        #expect(try read("ruler: {remote_write: {\(clients)}}").ruler.remoteWrite == nil)
        let off =
            "ruler: {remote_write: {enabled: true, \(clients)}}\nlimits_config: {ruler_remote_write_disabled: true}"
        #expect(try read(off).ruler.remoteWrite == nil)
    }

    @Test("flags stand in the place of the keys")
    func flags() throws {
        var config = try read(
            "auth_enabled: false\nruler: {alertmanager_url: http://old, storage: {local: {directory: /old}}}")
        let flags = try LogRuleFlags.parse([
            "--rules.path=/new", "--alertmanager.url=http://a,http://b",
            "--rules.remote-write-url=http://m/api/v1/write",
        ])
        try flags.apply(to: &config)
        #expect(config.ruler.directory == "/new")
        #expect(config.ruler.alertmanagers.flatMap(\.urls) == ["http://a/api/v2/alerts", "http://b/api/v2/alerts"])
        #expect(config.ruler.remoteWrite?.receivers.map(\.url) == ["http://m/api/v1/write"])
        // There is no tenant to be named.
        #expect(config.ruler.remoteWrite?.addsTenantHeader == false)
    }

    @Test(
        "flags that are no URLs are refused",
        arguments: ["--alertmanager.url=a:9093", "--rules.remote-write-url=m:9090"])
    func wrongFlags(flag: String) throws {
        let flags = try LogRuleFlags.parse([flag])
        var config = LogConfig()
        #expect(throws: UsageError.self) { try flags.apply(to: &config) }
    }
}
