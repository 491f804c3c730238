import MartletCore
import Service

extension WebhookConfig {
    /// Reads one entry of `webhook_configs`.
    init(_ mapping: inout ConfigMapping, defaults: HTTPClientConfig) throws {
        let url = mapping.value("url")
        let file = mapping.value("url_file")
        switch (url, file) {
        case (.some(let url), nil):
            let text = try url.string()
            guard let scheme = text.split(separator: ":").first.map({ $0.lowercased() }),
                scheme == "http" || scheme == "https", text.contains("://")
            else { throw url.error("\(url.path): unsupported scheme for URL, http or https is expected") }
            target = .url(Secret(text))
        case (nil, .some(let file)): target = .file(try file.string())
        case (nil, nil): throw mapping.node.error("one of url or url_file must be configured")
        default: throw mapping.node.error("at most one of url & url_file must be configured")
        }
        sendResolved = try mapping.bool("send_resolved") ?? true
        let limit = mapping.value("max_alerts")
        maxAlerts = try limit?.int() ?? 0
        if maxAlerts < 0, let limit { throw limit.error("max_alerts must not be negative") }
        timeout = (try mapping.duration("timeout") ?? 0) * 1_000_000
        if let node = mapping.value("http_config") {
            http = try node.mapping { try HTTPClientConfig(&$0) }
        } else {
            http = defaults
        }
        try mapping.unsupported("payload", because: "custom payloads need templates, which this version does not have")
    }
}
