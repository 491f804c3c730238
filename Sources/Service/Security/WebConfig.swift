import HTTPTypes

/// The web configuration file: TLS, users and headers as the exporter-toolkit has them, and tokens and bindings of our own.
///
/// ```yaml
/// tls_server_config: { cert_file: …, key_file: …, client_auth_type: …, client_ca_file: …, min_version: TLS12 }
/// basic_auth_users: { alice: $2b$10$… }
/// http_server_config: { headers: { Strict-Transport-Security: … } }
/// tokens:                                    # Authorization: Bearer …
///   - { name: ci, token_file: ci.token, tenant: team-a, access: write }
/// user_bindings: { alice: { tenant: team-a, access: read } }
/// ```
struct WebConfig: Sendable {
    var tls: TLSSettings?
    var users: [String: User] = [:]
    var tokens: [Token] = []
    var headers: HTTPFields = [:]
    /// Files besides the configuration file whose change must be noticed.
    var files: [String] = []

    struct User: Sendable {
        let hash: PasswordHash
        let identity: Identity
    }

    struct Token: Sendable {
        /// SHA-256 of the token, 32 bytes.
        let digest: [UInt8]
        let identity: Identity
    }

    /// True when nobody gets in without a password, a token or a client certificate.
    var authenticates: Bool {
        !users.isEmpty || !tokens.isEmpty || tls?.clientAuth == .requireAndVerifyClientCert
    }

    /// Reads and checks the file and everything that it names.
    init(path: String) throws {
        let document = try ConfigDocument(path: path)
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        func resolve(_ file: String) -> String { file.hasPrefix("/") ? file : directory + file }

        var bindings: [String: (node: ConfigNode, identity: Identity)] = [:]
        try document.root.mapping { root in
            tls = try root.value("tls_server_config").map { try TLSSettings($0, resolve: resolve) }
            try root.mapping("http_server_config") { server in
                // HTTP/1.1 serves every client of these protocols, so the key changes nothing that they could see.
                _ = try server.bool("http2")
                for (key, value) in try server.value("headers")?.entries() ?? [] {
                    let (name, text) = try Self.header(key, value)
                    headers[name] = text
                }
            }
            try root.unsupported("rate_limit", because: "limit the rate in front of the server")
            for (name, binding) in try root.value("user_bindings")?.entries() ?? [] {
                let user = try name.string()
                bindings[user] = (name, try binding.mapping { try Self.identity(&$0, name: user) })
            }
            for (name, value) in try root.value("basic_auth_users")?.entries() ?? [] {
                let user = try name.string()
                guard !user.contains(":") else { throw name.error("a user name cannot contain a colon") }
                guard let hash = PasswordHash(try value.string()) else {
                    throw value.error(
                        "basic_auth_users.\(user) must be a bcrypt or yescrypt hash, as htpasswd -nBC 10 makes them")
                }
                users[user] = User(
                    hash: hash, identity: bindings.removeValue(forKey: user)?.identity ?? Identity(name: user))
            }
            tokens = try root.mappings("tokens") { try Self.token(&$0, resolve: resolve, files: &files) }
        }
        if let stranger = bindings.values.min(by: { $0.node.line < $1.node.line }) {
            throw stranger.node.error("\(stranger.node.path) names a user that basic_auth_users does not have")
        }
        files += tls?.files ?? []
    }

    private static func header(_ key: ConfigNode, _ value: ConfigNode) throws(ConfigError) -> (HTTPField.Name, String) {
        let allowed = [
            "Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "X-XSS-Protection",
            "Strict-Transport-Security",
        ]
        let text = try key.string()
        guard let name = HTTPField.Name(text), allowed.contains(where: { $0.lowercased() == text.lowercased() }) else {
            throw key.error(
                "http header \"\(text)\" can not be configured; only \(allowed.joined(separator: ", ")) can")
        }
        let content = try value.string()
        guard HTTPField.isValidValue(content) else { throw value.error("\(value.path) is not a valid header value") }
        return (name, content)
    }

    private enum AccessName: String, CaseIterable {
        case read, write, all
    }

    private static func identity(_ mapping: inout ConfigMapping, name: String) throws(ConfigError) -> Identity {
        let access: Identity.Access =
            switch try mapping.choice("access", AccessName.self) {
            case .read: .read
            case .write: .write
            case .all, nil: .all
            }
        return Identity(name: name, tenant: try mapping.string("tenant"), access: access)
    }

    private static func token(
        _ mapping: inout ConfigMapping, resolve: (String) -> String, files: inout [String]
    ) throws(ConfigError) -> Token {
        let name = try mapping.required("name").string()
        let plain = try mapping.secret("token")
        let file = try mapping.string("token_file")
        let digest = try mapping.string("token_sha256")
        let identity = try identity(&mapping, name: name)
        switch (plain, file, digest) {
        case (let secret?, nil, nil):
            guard secret.revealed.utf8.count >= 16 else {
                throw mapping.node.error("the token of \"\(name)\" is shorter than 16 characters")
            }
            return Token(digest: SHA256Digest.of(secret.revealed), identity: identity)
        case (nil, let file?, nil):
            let path = resolve(file)
            files.append(path)
            guard let text = SmallFile.read(path, limit: 64 << 10) else {
                throw mapping.node.error("cannot read token_file \(path) of \"\(name)\"")
            }
            let secret = text.split(whereSeparator: \.isWhitespace).joined()
            guard secret.utf8.count >= 16 else {
                throw mapping.node.error("the token in \(path) is shorter than 16 characters")
            }
            return Token(digest: SHA256Digest.of(secret), identity: identity)
        case (nil, nil, let digest?):
            guard let bytes = SHA256Digest.parse(digest) else {
                throw mapping.node.error("token_sha256 of \"\(name)\" must be 64 hexadecimal digits")
            }
            return Token(digest: bytes, identity: identity)
        default:
            throw mapping.node.error("token \"\(name)\" needs exactly one of token, token_file and token_sha256")
        }
    }
}
