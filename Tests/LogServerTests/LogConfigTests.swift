import LogServer
import LogStorage
import MartletCore
import Service
import Testing

@Suite("Loki's configuration file")
struct LogConfigTests {
    @Test("is read, with a warning for each key without effect")
    func reading() throws {
        let config = try LogConfig(
            ConfigDocument(
                text: """
                    auth_enabled: false
                    server:
                      http_listen_port: 3110
                      grpc_listen_port: 9096
                      graceful_shutdown_timeout: 5s
                    common:
                      path_prefix: /var/lib/loki
                      replication_factor: 1
                    schema_config:
                      configs: [{from: 2024-01-01, store: tsdb}]
                    limits_config:
                      max_line_size: 1MB
                      reject_old_samples: false
                      max_global_streams_per_user: 7
                      ingestion_rate_mb: 4
                      max_query_length: 30d
                      allow_structured_metadata: true
                      otlp_config:
                        resource_attributes:
                          attributes_config:
                            - action: index_label
                              attributes: [host.name]
                        log_attributes:
                          - action: drop
                            attributes: [secret]
                    """, file: "loki.yaml"))
        #expect(!config.isAuthEnabled)
        #expect(config.listenPort == 3110)
        #expect(config.storagePath == "/var/lib/loki")
        #expect(config.limits.maxLineSize == 1_000_000 || config.limits.maxLineSize == 1 << 20)
        #expect(!config.limits.rejectsOldSamples)
        #expect(config.limits.maxStreams == 7)
        #expect(config.limits.ingestionRate == 4 << 20)
        #expect(config.limits.maxQueryLength == 30 * 86_400_000_000_000)
        #expect(config.otlp.resource["host.name"] == .indexLabel)
        #expect(config.otlp.log["secret"] == .drop)
        #expect(config.warnings.count == 3)
    }

    @Test("keeps some streams for a time of their own")
    func retention() throws {
        let config = try LogConfig(
            ConfigDocument(
                text: """
                    limits_config:
                      retention_period: 744h
                      retention_stream:
                        - {selector: '{app="web", env=~"dev|test"}', priority: 3, period: 24h}
                        - {selector: '{app="db"}', period: 7d}
                    """, file: "loki.yaml"))
        #expect(config.limits.retention == 744 * 3600)
        #expect(config.limits.retentionRules.map(\.seconds) == [86_400, 7 * 86_400])
        #expect(config.limits.retentionRules.map(\.priority) == [3, 0])
        #expect(config.limits.retentionRules.map(\.matchers.count) == [2, 1])
        #expect(config.warnings.isEmpty)
    }

    @Test(
        "with an unknown key is refused with its place",
        arguments: [
            (
                "server: {http_listen_port: 65536}\n",
                "loki.yaml:1:28: server.http_listen_port must be within 0 and 65535"
            ),
            ("auth_enable: true\n", "loki.yaml:1:1: unknown key \"auth_enable\""),
            ("limits_config:\n  max_line_sizes: 5\n", "loki.yaml:2:3: unknown key \"max_line_sizes\" in limits_config"),
            ("limits_config:\n  max_line_size: much\n", "loki.yaml:2:18: "),
            (
                "limits_config:\n  retention_stream: [{selector: '{a=\"b\"}', period: 1h}]\n",
                "loki.yaml:2:52: retention period must be >= 24h was 1h0m0s"
            ),
            ("limits_config:\n  retention_stream: [{selector: '{a', period: 24h}]\n", "loki.yaml:2:33: "),
            (
                "limits_config:\n  retention_stream: [{selector: '{a=\"b\"} |= \"x\"', period: 24h}]\n",
                "loki.yaml:2:33: "
            ),
        ])
    func unknownKeys(text: String, prefix: String) throws {
        #expect {
            _ = try LogConfig(ConfigDocument(text: text, file: "loki.yaml"))
        } throws: {
            "\($0)".hasPrefix(prefix)
        }
    }
}
