extension HTTPClientSettings {
    /// Takes the keys of Prometheus' `http_config` out of a mapping that has others as well.
    package init(_ keys: inout ConfigMapping) throws {
        try keys.mapping("basic_auth") { basic in
            guard let user = try Self.credential(&basic, "username") else {
                throw basic.node.error("\(basic.node.path) needs the key \"username\" or \"username_file\"")
            }
            authorization = .basic(user: user, password: try Self.credential(&basic, "password"))
        }
        if let node = keys.value("authorization") {
            if authorization != nil { throw node.error("at most one of basic_auth, authorization may be configured") }
            try node.mapping { header in
                let type = try header.string("type") ?? "Bearer"
                guard type.lowercased() != "basic" else {
                    throw node.error("\(node.path).type cannot be \"basic\": use basic_auth")
                }
                guard let credentials = try Self.credential(&header, "credentials") else { return }
                authorization = .header(type: type, credentials: credentials)
            }
        }
        for (key, isFile) in [("bearer_token", false), ("bearer_token_file", true)] {
            guard let node = keys.value(key) else { continue }
            if authorization != nil { throw node.error("at most one way to authenticate may be configured") }
            authorization = .header(
                type: "Bearer", credentials: isFile ? .file(try node.string()) : .value(try node.secret()))
        }
        try keys.unsupported("oauth2", because: "requests would go out without the token")
        for key in ["proxy_url", "proxy_from_environment", "proxy_connect_header"] {
            try keys.unsupported(key, because: "requests would go out without the proxy")
        }
        keys.ignore("no_proxy", because: "there is no proxy")
        keys.ignore("enable_http2", because: "requests go over HTTP/1.1")
        followsRedirects = try keys.bool("follow_redirects") ?? true
        tls = try keys.mapping("tls_config") { try TLS(&$0) }
        for entry in try keys.value("http_headers")?.entries() ?? [] {
            let name = try entry.key.string()
            try entry.value.mapping { header in
                let values = try header.strings("values") + header.strings("secrets")
                headers += values.map { Header(name: name, value: .value(Secret($0))) }
                headers += try header.strings("files").map { Header(name: name, value: .file($0)) }
            }
        }
    }

    static func credential(_ keys: inout ConfigMapping, _ name: String) throws -> Credential? {
        let value = try keys.secret(name)
        let file = try keys.string(name + "_file")
        if value != nil, file != nil {
            throw keys.node.error("\(keys.node.path): at most one of \(name) and \(name)_file may be configured")
        }
        return value.map(Credential.value) ?? file.map(Credential.file)
    }
}

extension HTTPClientSettings.TLS {
    /// A name that certificates are to be for; nil for an empty one.
    package static func serverName(_ node: ConfigNode) throws(ConfigError) -> String? {
        try serverName(try node.string()) { node.error("\(node.path) \($0)") }
    }

    /// A name that certificates are to be for; `failure` makes an error of what is wrong with another text.
    package static func serverName(
        _ name: String, failure: (String) -> ConfigError
    ) throws(ConfigError) -> String? {
        guard !name.isEmpty else { return nil }
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName, !name.split(separator: ".").allSatisfy({ $0.allSatisfy(\.isNumber) }) else {
            throw failure(
                "must be a host name, not \"\(name)\": a certificate for an address is found by that address in the URL"
            )
        }
        return name
    }

    /// Takes the keys of Prometheus' `tls_config`.
    package init(_ keys: inout ConfigMapping) throws {
        authorities = try HTTPClientSettings.credential(&keys, "ca")
        certificate = try HTTPClientSettings.credential(&keys, "cert")
        key = try HTTPClientSettings.credential(&keys, "key")
        serverName = try keys.value("server_name").flatMap { try Self.serverName($0) }
        skipsVerification = try keys.bool("insecure_skip_verify") ?? false
        minimumVersion = try keys.string("min_version")
        maximumVersion = try keys.string("max_version")
        let versions = ["TLS10", "TLS11", "TLS12", "TLS13"]
        for version in [minimumVersion, maximumVersion].compactMap({ $0 }) where !versions.contains(version) {
            throw keys.node.error("\(keys.node.path): unknown TLS version \"\(version)\"")
        }
        if (certificate == nil) != (key == nil) {
            throw keys.node.error("\(keys.node.path): cert and key must be given together")
        }
    }
}
