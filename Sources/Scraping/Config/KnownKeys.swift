import Service

/// The keys of sections that are read but do not act, so that a misspelt key is still an error.
enum KnownKeys {
    static let http = [
        "basic_auth", "authorization", "oauth2", "follow_redirects", "enable_http2", "tls_config", "proxy_url",
        "no_proxy", "proxy_from_environment", "proxy_connect_header", "http_headers", "bearer_token",
        "bearer_token_file",
    ]
    static let remoteWrite =
        http + [
            "url", "protobuf_message", "remote_timeout", "headers", "write_relabel_configs", "name", "send_exemplars",
            "send_native_histograms", "round_robin_dns", "failed_request_logging", "queue_config", "metadata_config",
            "sigv4", "azuread", "google_iam",
        ]

    /// Throws for a key that is not in the list.
    static func check(_ node: ConfigNode, _ known: [String]) throws {
        try node.mapping { keys in
            for key in known { _ = keys.value(key) }
        }
    }
}
