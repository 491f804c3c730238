import Durable
import MartletCore
import Service

extension LogClient {
    init(_ mapping: inout ConfigMapping) throws {
        let node = try mapping.required("url")
        let url = try node.string()
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw node.error("\(node.path) must begin with http:// or https://")
        }
        self.init(url: url)
        name = try mapping.string("name") ?? ""
        tenant = try mapping.string("tenant_id")
        if let auth = mapping.value("basic_auth") {
            basicAuth = try auth.mapping { basic in
                let user = try basic.string("username") ?? ""
                let password = try Self.secret(&basic, "password", "password_file")
                return (user, password ?? Secret(""))
            }
        }
        bearerToken = try Self.secret(&mapping, "bearer_token", "bearer_token_file")
        try mapping.mapping("authorization") { auth in
            guard try (auth.string("type") ?? "Bearer").lowercased() == "bearer" else {
                throw auth.node.error("authorization: only the type Bearer is supported")
            }
            bearerToken = try Self.secret(&auth, "credentials", "credentials_file")
        }
        tls = try mapping.mapping("tls_config") { try HTTPClientSettings.TLS(&$0) }
        headers = try mapping.stringPairs("headers").map { (name: $0.key, value: Secret($0.value)) }
        externalLabels = Labels(try mapping.stringPairs("external_labels").map { ($0.key, $0.value) })
        batchWait = try mapping.duration("batchwait") ?? batchWait
        if let bytes = try mapping.byteSize("batchsize"), bytes > 0 { batchBytes = min(bytes, 64 << 20) }
        try mapping.mapping("backoff_config") { backoff in
            firstBackoff = try backoff.duration("min_period") ?? firstBackoff
            longestBackoff = try backoff.duration("max_period") ?? longestBackoff
            if let node = backoff.value("max_retries") {
                let most = try node.int()
                guard most >= 0 else { throw node.error("\(node.path) must not be negative") }
                mostRetries = most
            }
        }
        timeout = try mapping.duration("timeout") ?? timeout
        dropsRateLimited = try mapping.bool("drop_rate_limited_batches") ?? false
        mapping.ignore("stream_lag_labels", because: "lags are in this server's metrics")
        for key in ["oauth2", "proxy_url"] {
            try mapping.unsupported(key, because: "requests would go out without it")
        }
        for key in ["enable_http2", "follow_redirects", "proxy_connect_header", "no_proxy"] {
            mapping.ignore(key, because: "the push call needs none of it")
        }
    }

    /// A secret, or the first line of a file.
    private static func secret(
        _ mapping: inout ConfigMapping, _ value: String, _ file: String
    ) throws -> Secret? {
        let secret = try mapping.secret(value)
        guard let node = mapping.value(file) else { return secret }
        guard secret == nil else { throw node.error("at most one of \(value) and \(file) must be configured") }
        return try firstLine(node, beside: "")
    }

    /// The first line of the file that a value names; a relative name is of a file beside `document`.
    static func firstLine(_ node: ConfigNode, beside document: String) throws -> Secret {
        let path = FilePath.beside(document, try node.string())
        guard let text = try? HostFiles(paths: HostPaths(), limit: 1 << 16).read(path), let line = text.lines.first
        else {
            throw node.error("cannot read \(path)")
        }
        return Secret(line.string)
    }
}
