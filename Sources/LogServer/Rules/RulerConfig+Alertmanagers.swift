import MartletCore
import Rules
import Service

/// `alertmanager_url` and the keys that say how these are spoken to.
extension RulerConfig {
    mutating func readAlertmanagers(_ keys: inout ConfigMapping) throws {
        if let discovery = keys.value("enable_alertmanager_discovery"), try discovery.bool() {
            throw discovery.error("\(discovery.path) is not supported: name the Alertmanagers in alertmanager_url")
        }
        if let version2 = keys.value("enable_alertmanager_v2"), try !version2.bool() {
            throw version2.error("\(version2.path) must be true: version 1 of the API is gone from Alertmanager")
        }
        keys.ignore("alertmanager_refresh_interval", because: "addresses are resolved with every connection")
        alertRelabelRules = try keys.list("alert_relabel_configs").map { try RelabelRule($0) }
        if let capacity = keys.value("notification_queue_capacity") {
            notificationQueueCapacity = try capacity.int()
            guard (1...10_000_000).contains(notificationQueueCapacity) else {
                throw capacity.error("\(capacity.path) must be within 1 and 10000000")
            }
        }
        let timeoutMs = try keys.duration("notification_timeout") ?? 10_000
        let client = try keys.mapping("alertmanager_client") { try Self.client(&$0) } ?? HTTPClientSettings()
        guard let node = keys.value("alertmanager_url") else { return }
        alertmanagers = try node.parse { text in
            try Self.list(text).map { try Self.alertmanager($0, client, timeoutMs: timeoutMs) }
        }
    }

    /// The Alertmanager at a URL, whose user and password count unless the client has credentials of its own.
    static func alertmanager(
        _ url: String, _ client: HTTPClientSettings = HTTPClientSettings(), timeoutMs: Int64 = 10_000
    ) throws(UsageError) -> AlertmanagerGroup {
        guard let scheme = ["http://", "https://"].first(where: { url.lowercased().hasPrefix($0) }),
            url.utf8.count > scheme.utf8.count
        else {
            throw UsageError(
                "\(GoQuote.quote(URLText.withoutCredentials(url))) is no URL that begins with http:// or https://")
        }
        var http = client
        let rest = url.dropFirst(scheme.utf8.count)
        if http.authorization == nil, let at = rest.prefix(while: { $0 != "/" }).lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            func secret(_ part: Substring) -> HTTPClientSettings.Credential {
                .value(Secret(Service.QueryParameters.decoded(pathComponent: String(part))))
            }
            http.authorization = .basic(user: secret(parts[0]), password: parts.count > 1 ? secret(parts[1]) : nil)
        }
        var base = Substring(URLText.withoutCredentials(url))
        while base.last == "/" { base = base.dropLast() }
        return AlertmanagerGroup(urls: [base + "/api/v2/alerts"], http: http, timeoutMs: timeoutMs)
    }

    private static func client(_ keys: inout ConfigMapping) throws -> HTTPClientSettings {
        var http = HTTPClientSettings()
        let user = try keys.string("basic_auth_username") ?? ""
        let password = try keys.secret("basic_auth_password")
        let type = try keys.string("type") ?? "Bearer"
        let credentials = try keys.secret("credentials")
        let file = try keys.string("credentials_file") ?? ""
        if !user.isEmpty {
            http.authorization = .basic(user: .value(Secret(user)), password: password.map { .value($0) })
        } else if let credentials, !credentials.revealed.isEmpty {
            http.authorization = .header(type: type, credentials: .value(credentials))
        } else if !file.isEmpty {
            http.authorization = .header(type: type, credentials: .file(file))
        }
        var tls = HTTPClientSettings.TLS()
        func path(_ key: String) throws -> HTTPClientSettings.Credential? {
            try keys.string(key).flatMap { $0.isEmpty ? nil : .file($0) }
        }
        tls.authorities = try path("tls_ca_path")
        tls.certificate = try path("tls_cert_path")
        tls.key = try path("tls_key_path")
        tls.skipsVerification = try keys.bool("tls_insecure_skip_verify") ?? false
        if (tls.certificate == nil) != (tls.key == nil) {
            throw keys.node.error("\(keys.node.path): tls_cert_path and tls_key_path must be given together")
        }
        if let version = keys.value("tls_min_version"), try !version.string().isEmpty {
            let name = try version.string()
            guard let known = versions[name] else { throw version.error("unknown TLS version \"\(name)\"") }
            tls.minimumVersion = known
        }
        tls.serverName = try keys.value("tls_server_name").flatMap { try HTTPClientSettings.TLS.serverName($0) }
        if let suites = keys.value("tls_cipher_suites"), try !suites.string().isEmpty {
            throw suites.error("\(suites.path) is not supported: other suites than those would be offered")
        }
        http.tls = tls
        return http
    }

    private static let versions = [
        "VersionTLS10": "TLS10", "VersionTLS11": "TLS11", "VersionTLS12": "TLS12", "VersionTLS13": "TLS13",
    ]
}
