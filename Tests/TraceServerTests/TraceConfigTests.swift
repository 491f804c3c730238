import OTLPReceiver
import Service
import Testing
import TraceServer
import TraceStorage

@Suite("Tempo's configuration")
struct TraceConfigTests {
    private func config(_ text: String) throws -> TraceConfig {
        try TraceConfig(ConfigDocument(text: text, file: "tempo.yaml"))
    }

    @Test("reads the keys that mean something here, warns of the others once")
    func reads() throws {
        let config = try config(
            """
            multitenancy_enabled: true
            server: {http_listen_address: 127.0.0.1, http_listen_port: 3201, grpc_listen_port: 9096}
            distributor:
              receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:5317"}, http: }}}
              max_attribute_bytes: 100
            storage: {trace: {backend: local, local: {path: /data}, wal: {path: /wal}}}
            compactor: {compaction: {block_retention: 1h, max_block_bytes: 1}}
            overrides:
              defaults:
                ingestion: {rate_limit_bytes: 1000, burst_size_bytes: 2000}
                global: {max_bytes_per_trace: 7}
                read: {max_search_duration: 2h}
            query_frontend: {search: {default_result_limit: 5, concurrent_jobs: 3}, metrics: {max_response_series: 9, max_exemplars: 8}}
            """)
        #expect(config.multitenancy)
        #expect(config.httpHost == "127.0.0.1")
        #expect(config.httpPort == 3201)
        #expect(config.otlpGRPC == ListenAddress("127.0.0.1:5317"))
        #expect(config.otlpHTTP == ListenAddress("127.0.0.1:4318"))
        #expect(config.storagePath == "/data")
        #expect(config.store.attributes == AttributeLimits(bytes: 100))
        #expect(config.store.traceBytes == 7)
        #expect(config.rate?.key == "overrides.defaults.ingestion.rate_limit_bytes")
        #expect(config.rate?.burstBytes == 2000)
        #expect(config.query.searchSeconds == 7200)
        #expect(config.query.defaultTraces == 5)
        #expect(config.query.metricsSeries == 9)
        #expect(config.query.exemplars == 8)
        #expect(config.warnings.count == 4)
        #expect(config.warnings.contains { $0.contains("compactor.compaction.max_block_bytes has no effect") })
        #expect(config.retentionSeconds == 3600)
    }

    @Test(
        "refuses unknown keys, and what would change results, with the place",
        arguments: [
            ("servr: {}", "tempo.yaml:1:1"), ("server:\n  http_port: 1", "tempo.yaml:2:3"),
            ("server:\n  http_listen_port: x", "tempo.yaml:2:21"),
            ("storage: {trace: {backend: s3}}", "tempo.yaml:1:28"),
            ("distributor:\n  receivers:\n    kafka: {}", "tempo.yaml:3:5"),
            ("distributor: {receivers: {zipkin: {endpoint: nowhere}}}", "tempo.yaml:1:46"),
            ("distributor: {receivers: {zipkin: {port: 1}}}", "tempo.yaml:1:36"),
            ("distributor: {receivers: {jaeger: {protocols: {thrift: }}}}", "tempo.yaml:1:48"),
            ("distributor: {receivers: {jaeger: {protocols: {grpc: {tls: {}}}}}}", "tempo.yaml:1:55"),
            ("overrides: {per_tenant_override_config: x}", "tempo.yaml:1:13"),
            ("distributor: {receivers: {otlp: {protocols: {grpc: {endpoint: nowhere}}}}}", "tempo.yaml:1:63"),
        ])
    func refuses(text: String, place: String) {
        let error = #expect(throws: ConfigError.self) { try config(text) }
        #expect(error.map { "\($0)" }?.hasPrefix(place) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("reads the receivers of Zipkin and Jaeger, which are off unless they are written")
    func receivers() throws {
        let written = try config(
            """
            distributor:
              receivers:
                zipkin: {endpoint: "127.0.0.1:9999", parse_string_tags: true}
                jaeger: {protocols: {grpc: {endpoint: "127.0.0.1:9998"}, thrift_http: {endpoint: "127.0.0.1:9997"}}}
            """)
        #expect(written.receivers.zipkin == ListenAddress("127.0.0.1:9999"))
        #expect(written.receivers.parsesZipkinTags)
        #expect(written.receivers.jaegerGRPC == ListenAddress("127.0.0.1:9998"))
        #expect(written.receivers.jaegerHTTP == ListenAddress("127.0.0.1:9997"))
        #expect(written.warnings.isEmpty)
        let bare = try config("distributor: {receivers: {zipkin: , jaeger: {protocols: {grpc: , thrift_http: }}}}")
        #expect(bare.receivers.zipkin == ListenAddress("127.0.0.1:9411"))
        #expect(!bare.receivers.parsesZipkinTags)
        #expect(bare.receivers.jaegerGRPC == ListenAddress("127.0.0.1:14250"))
        #expect(bare.receivers.jaegerHTTP == ListenAddress("127.0.0.1:14268"))
        let absent = try config("distributor: {receivers: {otlp: }}")
        #expect(absent.receivers.zipkin == nil)
        #expect(absent.receivers.jaegerGRPC == nil)
        #expect(absent.receivers.jaegerHTTP == nil)
    }

    @Test("Jaeger's Thrift over UDP gets a warning", arguments: ["thrift_compact", "thrift_binary"])
    func udp(key: String) throws {
        let config = try config("distributor: {receivers: {jaeger: {protocols: {\(key): {endpoint: x}}}}}")
        #expect(
            config.warnings.map { $0.contains("\(key) has no effect: Thrift over UDP is not supported") } == [true])
    }

    @Test("needs no file")
    func empty() throws {
        #expect(try config("").warnings.isEmpty)
        #expect(try config("").store.traceBytes == 5_000_000)
    }
}
