import RemoteStorage
import Service
import Testing
import Wire

@Suite("An element of remote_write")
struct RemoteWriteConfigTests {
    private func config(_ yaml: String) throws -> RemoteWriteConfig {
        try RemoteWriteConfig(ConfigDocument(text: yaml, file: "prometheus.yml").root)
    }

    @Test("has Prometheus' defaults")
    func defaults() throws {
        let config = try config("url: http://other:9090/api/v1/write")
        #expect(config.message == .version1)
        #expect(config.timeoutMs == 30_000)
        #expect(config.queue == QueueConfig())
        #expect(config.metadata == RemoteWriteConfig.MetadataConfig())
        #expect(!config.sendsExemplars && !config.sendsHistograms)
    }

    @Test("takes every key of the queue, the metadata and the message")
    func keys() throws {
        let config = try config(
            """
            url: https://other/write
            name: other
            protobuf_message: io.prometheus.write.v2.Request
            remote_timeout: 5s
            headers: {X-Scope-OrgID: team}
            send_exemplars: true
            send_native_histograms: true
            basic_auth: {username: u, password: p}
            write_relabel_configs: [{source_labels: [job], regex: a, action: drop}]
            queue_config:
              capacity: 5
              min_shards: 2
              max_shards: 3
              max_samples_per_send: 4
              batch_send_deadline: 1s
              min_backoff: 10ms
              max_backoff: 1m
              retry_on_http_429: true
              sample_age_limit: 1h
            metadata_config: {send: false, send_interval: 2m, max_samples_per_send: 7}
            """)
        var queue = QueueConfig()
        (queue.capacity, queue.minShards, queue.maxShards, queue.batchSize) = (5, 2, 3, 4)
        (queue.batchDeadlineMs, queue.minBackoffMs, queue.maxBackoffMs) = (1000, 10, 60_000)
        (queue.retriesOn429, queue.sampleAgeLimitMs) = (true, 3_600_000)
        #expect(config.queue == queue)
        #expect(config.message == .version2)
        #expect(config.headers.map(\.value) == ["team"])
        #expect(config.relabelRules.count == 1)
        #expect(
            config.metadata.isSent == false && config.metadata.intervalMs == 120_000 && config.metadata.batchSize == 7)
    }

    @Test(
        "mistakes are told",
        arguments: [
            ("name: a", "needs the key \"url\""), ("url: ftp://x", "must be a URL"),
            ("url: http://x\nprotobuf_message: v3", "must be one of prometheus.WriteRequest"),
            ("url: http://x\nheaders: {Content-Type: a}", "reserved header"),
            ("url: http://x\nheaders: {Authorization: a}", "authorization header must be changed via"),
            ("url: http://x\nqueue_config: {min_shards: 5, max_shards: 2}", "min_shards is above max_shards"),
            ("url: http://x\nqueue_config: {capacity: 0}", "must be within 1 and"),
            ("url: http://x\nsigv4: {}", "is not supported"),
            ("url: http://x\nqueue_config: {shards: 1}", "unknown key"),
        ])
    func mistakes(yaml: String, message: String) {
        let error = #expect(throws: (any Error).self) { try config(yaml) }
        #expect("\(error as Any)".contains(message), "\(error as Any)")
    }
}
