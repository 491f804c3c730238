import Service

/// A configuration as others may see it: secrets and the passwords in URLs are hidden, as Prometheus hides them.
enum RedactedText {
    /// Keys whose values are secret, with all that is nested in them.
    private static let secretKeys: Set<String> = [
        "password", "credentials", "bearer_token", "token", "auth_token", "session_token", "secret", "secrets",
        "secret_key", "client_secret", "application_secret", "application_credential_secret", "key", "private_key",
        "consumer_key", "service_account_key", "client_certificate_key", "key_passphrase", "certificate_password",
        "cert", "ca", "proxy_connect_header",
    ]
    /// Keys of mappings whose own keys are names of labels: `key` is one like any other there.
    private static let labelKeys: Set<String> = ["labels", "external_labels"]

    /// A value of a configuration as YAML in block style.
    static func of(_ node: ConfigNode) throws(ConfigError) -> String {
        if node.isNull { return "" }
        return try node.yaml { keys, text in
            let isSecret = keys.prefix { !labelKeys.contains($0) }.contains { secretKeys.contains($0) }
            guard isSecret else { return withoutPasswords(text) }
            return text.isEmpty ? nil : "<secret>"
        }
    }

    /// The text with the password of each `scheme://user:password@host` hidden; nil where there is none.
    private static func withoutPasswords(_ text: String) -> String? {
        var shown = ""
        var rest = text[...]
        while let separator = rest.firstRange(of: "://") {
            let authority = rest[separator.upperBound...].prefix { !"/?# \n".contains($0) }
            // A password may have an @ of its own.
            if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") {
                shown.append(contentsOf: rest[...colon])
                shown += "xxxxx"
                rest = rest[at...]
            } else {
                shown.append(contentsOf: rest[..<separator.upperBound])
                rest = rest[separator.upperBound...]
            }
        }
        shown.append(contentsOf: rest)
        return shown == text ? nil : shown
    }
}
