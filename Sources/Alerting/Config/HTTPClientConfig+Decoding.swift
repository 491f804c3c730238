import MartletCore
import Service

extension HTTPClientConfig {
    /// Reads an `http_config` block; what would change who is talked to, and is not done, is refused.
    init(_ mapping: inout ConfigMapping) throws {
        self.init()
        if let node = mapping.value("basic_auth") {
            credentials = try node.mapping { basic in
                let user = try basic.string("username") ?? ""
                try basic.unsupported("username_file", because: "write the name under username")
                let password = try Self.source(&basic, "password", "password_file")
                return .basic(user: user, password: password ?? .value(Secret("")))
            }
        }
        if let node = mapping.value("authorization") {
            guard case .none = credentials else {
                throw node.error("at most one of basic_auth, oauth2, bearer_token and authorization must be configured")
            }
            credentials = try node.mapping { header in
                let scheme = try header.string("type") ?? "Bearer"
                guard scheme.lowercased() != "basic" else {
                    throw node.error("authorization type cannot be set to \"basic\", use basic_auth instead")
                }
                let value = try Self.source(&header, "credentials", "credentials_file")
                return .header(scheme: scheme, credentials: value ?? .value(Secret("")))
            }
        }
        if let token = try Self.source(&mapping, "bearer_token", "bearer_token_file") {
            guard case .none = credentials else {
                throw mapping.node.error(
                    "at most one of basic_auth, oauth2, bearer_token and authorization must be configured")
            }
            credentials = .header(scheme: "Bearer", credentials: token)
        }
        if let value = try mapping.bool("follow_redirects") { followRedirects = value }
        if let node = mapping.value("enable_http2"), try !node.bool() {
            node.warn("\(node.path) has no effect: the receiver decides whether HTTP/2 is spoken")
        }
        if let node = mapping.value("http_headers") {
            for entry in try node.entries() {
                let name = try entry.key.string()
                guard !name.isEmpty, name.utf8.allSatisfy({ Self.isTokenByte($0) }) else {
                    throw entry.key.error("\(GoQuote.quote(name)) is not a valid header name")
                }
                let values = try entry.value.mapping { value in
                    try value.unsupported("files", because: "write the header under values or secrets")
                    return try value.strings("values") + value.strings("secrets")
                }
                guard values.allSatisfy({ value in !value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F } })
                else { throw entry.value.error("the header \(name) has a control character in its value") }
                headers += values.map { (name: name, value: Secret($0)) }
            }
        }
        for key in ["oauth2", "tls_config", "proxy_url", "proxy_connect_header"] {
            try mapping.unsupported(key, because: "requests would go out without it")
        }
        mapping.ignore("no_proxy", because: "no proxy is used")
        if let node = mapping.value("proxy_from_environment"), try node.bool() {
            throw node.error("proxy_from_environment is not supported: requests would go out without it")
        }
    }

    /// Whether a header's name may hold the byte (RFC 9110, token).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func source(
        _ mapping: inout ConfigMapping, _ value: String, _ file: String
    ) throws(ConfigError) -> SecretSource? {
        let secret = try mapping.secret(value)
        guard let path = try mapping.string(file) else { return secret.map { .value($0) } }
        guard secret == nil else { throw mapping.node.error("at most one of \(value) and \(file) must be configured") }
        return .file(path)
    }
}
