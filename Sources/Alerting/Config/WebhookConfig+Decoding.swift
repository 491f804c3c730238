import MartletCore
import Service

extension WebhookConfig {
    /// Reads one entry of `webhook_configs`.
    init(_ mapping: inout ConfigMapping, defaults: HTTPClientConfig) throws {
        sendResolved = try mapping.bool("send_resolved") ?? true
        let limit = mapping.value("max_alerts")
        maxAlerts = try limit?.int() ?? 0
        if maxAlerts < 0, let limit { throw limit.error("max_alerts must not be negative") }
        timeout = try mapping.value("timeout")?.nanoseconds() ?? 0
        if let node = mapping.value("http_config") {
            http = try node.mapping { try HTTPClientConfig(&$0) }
        } else {
            http = defaults
        }
        try mapping.unsupported("payload", because: "custom payloads need templates, which this version does not have")
        let url = mapping.value("url")
        let file = mapping.value("url_file")
        switch (url, file) {
        case (.some(let url), nil):
            let text = try url.string()
            guard ["http://", "https://"].contains(where: { text.lowercased().hasPrefix($0) }) else {
                throw url.error("\(url.path): unsupported scheme for URL, http or https is expected")
            }
            let host = text.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
            guard !host.isEmpty, !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
                throw url.error("\(url.path): missing host or blank in URL")
            }
            target = .url(Secret(text))
        case (nil, .some(let file)): target = .file(try file.string())
        case (nil, nil):
            // A misspelt key explains the missing one.
            try mapping.finish()
            throw mapping.node.error("one of url or url_file must be configured")
        default: throw mapping.node.error("at most one of url & url_file must be configured")
        }
    }
}
