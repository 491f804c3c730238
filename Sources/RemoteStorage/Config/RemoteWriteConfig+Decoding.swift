package import Service
import Wire

extension RemoteWriteConfig {
    /// Headers that a request has by itself.
    private static let reservedHeaders: Set<String> = [
        "authorization", "host", "content-encoding", "content-length", "content-type", "user-agent", "connection",
        "keep-alive", "proxy-authenticate", "proxy-authorization", "www-authenticate", "accept-encoding",
        "x-prometheus-remote-write-version", "x-prometheus-remote-read-version",
    ]

    /// Decodes one element of `remote_write`.
    package init(_ node: ConfigNode) throws {
        self = try node.mapping { keys in
            var config = RemoteWriteConfig(url: try Self.url(&keys))
            config.name = try keys.string("name") ?? ""
            if let message = try keys.choice("protobuf_message", RemoteWrite.Message.self) { config.message = message }
            config.timeoutMs = try Self.positive(&keys, "remote_timeout") ?? 30_000
            config.headers = try Self.headers(&keys)
            config.relabelRules = try keys.list("write_relabel_configs").map { try RelabelRule($0) }
            config.sendsExemplars = try keys.bool("send_exemplars") ?? false
            config.sendsHistograms = try keys.bool("send_native_histograms") ?? false
            config.http = try HTTPClientSettings(&keys)
            if let queue = try keys.mapping("queue_config", { try QueueConfig(&$0) }) { config.queue = queue }
            if let metadata = try keys.mapping("metadata_config", { try MetadataConfig(&$0) }) {
                config.metadata = metadata
            }
            for key in ["sigv4", "azuread", "google_iam"] {
                try keys.unsupported(key, because: "requests would go out without the signature")
            }
            keys.ignore("round_robin_dns", because: "every connection asks the resolver anew")
            keys.ignore("failed_request_logging", because: "failed requests are always logged")
            config.text = try node.yaml()
            return config
        }
    }

    /// The required key `url`.
    static func url(_ keys: inout ConfigMapping) throws -> String {
        let node = try keys.required("url")
        let url = try node.string()
        guard let scheme = ["http://", "https://"].first(where: { url.lowercased().hasPrefix($0) }),
            url.utf8.count > scheme.utf8.count
        else { throw node.error("\(node.path) must be a URL that begins with http:// or https://") }
        return url
    }

    /// The key `headers`.
    static func headers(_ keys: inout ConfigMapping) throws -> [(key: String, value: String)] {
        guard let node = keys.value("headers") else { return [] }
        let headers = try node.stringPairs()
        for header in headers where reservedHeaders.contains(header.key.lowercased()) {
            throw node.error(
                header.key.lowercased() == "authorization"
                    ? "authorization header must be changed via the basic_auth, authorization, or bearer_token parameter"
                    : "\(header.key) is a reserved header. It must not be changed")
        }
        return headers
    }

    static func positive(_ keys: inout ConfigMapping, _ key: String) throws -> Int64? {
        guard let node = keys.value(key) else { return nil }
        let duration = try node.duration()
        guard duration > 0 else { throw node.error("\(node.path) must be greater than 0") }
        return duration
    }
}

extension QueueConfig {
    init(_ keys: inout ConfigMapping) throws {
        capacity = try Self.count(&keys, "capacity", 10_000_000) ?? capacity
        minShards = try Self.count(&keys, "min_shards", 1000) ?? minShards
        maxShards = try Self.count(&keys, "max_shards", 1000) ?? max(maxShards, minShards)
        guard minShards <= maxShards else {
            throw keys.node.error("\(keys.node.path): min_shards is above max_shards")
        }
        batchSize = try Self.count(&keys, "max_samples_per_send", 1_000_000) ?? batchSize
        batchDeadlineMs = try RemoteWriteConfig.positive(&keys, "batch_send_deadline") ?? batchDeadlineMs
        minBackoffMs = try RemoteWriteConfig.positive(&keys, "min_backoff") ?? minBackoffMs
        maxBackoffMs = try RemoteWriteConfig.positive(&keys, "max_backoff") ?? max(maxBackoffMs, minBackoffMs)
        retriesOn429 = try keys.bool("retry_on_http_429") ?? false
        sampleAgeLimitMs = try keys.duration("sample_age_limit") ?? 0
    }

    static func count(_ keys: inout ConfigMapping, _ key: String, _ limit: Int) throws -> Int? {
        guard let node = keys.value(key) else { return nil }
        let count = try node.int()
        guard (1...limit).contains(count) else { throw node.error("\(node.path) must be within 1 and \(limit)") }
        return count
    }
}

extension RemoteWriteConfig.MetadataConfig {
    init(_ keys: inout ConfigMapping) throws {
        isSent = try keys.bool("send") ?? true
        intervalMs = try RemoteWriteConfig.positive(&keys, "send_interval") ?? intervalMs
        batchSize = try QueueConfig.count(&keys, "max_samples_per_send", 1_000_000) ?? batchSize
    }
}
