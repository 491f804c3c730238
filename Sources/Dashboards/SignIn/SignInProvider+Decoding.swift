import MartletCore
import Service

extension SignInProvider {
    private enum SecretPlace: String, CaseIterable {
        case inParams = "InParams"
        case inHeader = "InHeader"
    }

    /// Reads the keys of one provider.
    /// - Parameter directory: where relative names of files start.
    init(_ keys: inout ConfigMapping, directory: String) throws {
        let kind = try keys.required("type").choice(Kind.self)
        self.kind = kind
        let idNode = keys.value("id")
        id = try idNode?.string() ?? kind.rawValue
        let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789-_")
        guard (1...40).contains(id.utf8.count), id.allSatisfy(letters.contains) else {
            throw (idNode ?? keys.node).error("id must be 1 to 40 of the characters a-z, 0-9, - and _")
        }
        name = try keys.string("name")?.cut(to: 60).nonEmpty ?? (kind == .github ? "GitHub" : "single sign-on")
        clientID = try keys.required("client_id").string()
        secret = try keys.secret("client_secret")
        secretFile = try keys.string("client_secret_file").map { $0.hasPrefix("/") ? $0 : directory + $0 }
        if (secret == nil) == (secretFile == nil) {
            throw keys.node.error("\(keys.node.path) needs exactly one of client_secret and client_secret_file")
        }
        if let secretFile, SmallFile.read(secretFile, limit: 64 << 10)?.trimmed.nonEmpty == nil {
            throw keys.node.error("\(keys.node.path).client_secret_file: cannot read a secret from \(secretFile)")
        }
        secretInHeader = try keys.choice("auth_style", SecretPlace.self) == .inHeader
        (issuer, endpoints) = try Self.places(&keys, kind)
        let scopes = try keys.strings("scopes").flatMap { $0.split { $0 == " " || $0 == "," }.map(String.init) }
        let usual = kind == .github ? ["user:email", "read:org"] : ["openid", "profile", "email"]
        self.scopes = scopes.isEmpty ? usual : scopes

        organizations = try keys.strings("allowed_organizations")
        if kind != .github, !organizations.isEmpty {
            throw keys.node.error("allowed_organizations is GitHub's; use allowed_groups")
        }
        groups = try keys.strings("allowed_groups")
        domains = try keys.strings("allowed_domains").map { $0.lowercased() }
        groupsPath = try (keys.string("groups_attribute_path") ?? "groups").split(separator: ".").map(String.init)
        try keys.unsupported("role_attribute_path", because: "list groups and their roles in role_mapping")
        try keys.unsupported("team_ids", because: "list teams in allowed_groups, as @organization/team")
        keys.ignore("use_pkce", because: "PKCE is always used")
        let signUpNode = keys.value("allow_sign_up")
        signUp = try signUpNode?.bool() ?? false
        if signUp, kind == .github, organizations.isEmpty, groups.isEmpty, domains.isEmpty, let signUpNode {
            throw signUpNode.error(
                "anybody can have an account of GitHub: allow_sign_up needs allowed_organizations, allowed_groups or "
                    + "allowed_domains")
        }
        matchesEmail = try keys.bool("match_verified_email") ?? false
        mappings = try keys.mappings("role_mapping") { entry in
            Mapping(group: try entry.required("group").string(), role: try entry.required("role").choice(Role.self))
        }
        defaultRole = try keys.choice("default_role", Role.self) ?? .viewer
        tls = try keys.mapping("tls_config") { tls in
            var settings = try HTTPClientSettings.TLS(&tls)
            if settings.skipsVerification {
                throw tls.node.error(
                    "insecure_skip_verify is not supported: whoever answers could be anybody; use ca_file")
            }
            settings.resolveFiles(in: directory)
            return settings
        }
        timeoutMs = try keys.duration("timeout") ?? 10_000
        guard (1...60_000).contains(timeoutMs) else { throw keys.node.error("timeout must be between 1ms and 1m") }
    }

    private static func places(_ keys: inout ConfigMapping, _ kind: Kind) throws -> (String?, Endpoints?) {
        let issuerNode = keys.value("issuer")
        let names = ["auth_url", "token_url", "api_url"]
        var given: [String: String] = [:]
        for name in names {
            guard let node = keys.value(name) else { continue }
            given[name] = try url(node)
        }
        if let issuerNode {
            guard kind == .generic, given.isEmpty else {
                throw issuerNode.error("issuer is for generic_oauth without auth_url, token_url and api_url")
            }
            var issuer = try url(issuerNode)
            while issuer.hasSuffix("/") { issuer.removeLast() }
            return (issuer, nil)
        }
        if kind == .github {
            return (
                nil,
                Endpoints(
                    authorization: given["auth_url"] ?? "https://github.com/login/oauth/authorize",
                    token: given["token_url"] ?? "https://github.com/login/oauth/access_token",
                    profile: given["api_url"] ?? "https://api.github.com/user")
            )
        }
        guard let authorization = given["auth_url"], let token = given["token_url"], let profile = given["api_url"]
        else { throw keys.node.error("\(keys.node.path) needs issuer, or auth_url, token_url and api_url") }
        return (nil, Endpoints(authorization: authorization, token: token, profile: profile))
    }

    private static func url(_ node: ConfigNode) throws -> String {
        let text = try node.string()
        guard isSafe(text) else {
            throw node.error("\(node.path) must be a URL that begins with https:// (http:// for this machine alone)")
        }
        return text
    }

    /// True for a URL whose answers nobody on the way can change.
    package static func isSafe(_ url: String) -> Bool {
        guard url.utf8.count <= 2048, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !url.contains("#"),
            let scheme = url.firstRange(of: "://")
        else { return false }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty, !authority.contains("@"), !authority.contains("\\") else { return false }
        switch url[..<scheme.lowerBound] {
        case "https": return true
        case "http": return LoopbackHost.matches(authority)
        default: return false
        }
    }
}
