package import Service

#if canImport(Glibc)
import Glibc
#endif

/// Who asks.
package struct S3Credentials: Sendable, Equatable {
    package let accessKey: String
    package let secretKey: Secret
    package let sessionToken: Secret?

    /// Credentials.
    package init(accessKey: String, secretKey: Secret, sessionToken: Secret? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }

    /// Where credentials come from.
    package enum Source: Sendable {
        /// The configuration.
        case fixed(S3Credentials)
        /// A profile of a file in the format of AWS' shared credentials, read with every request: it may be renewed.
        case file(path: String, profile: String)
    }
}

extension S3Credentials.Source {
    /// What the environment names, in AWS' words: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, or
    /// the file `AWS_SHARED_CREDENTIALS_FILE` (`~/.aws/credentials`) with `AWS_PROFILE` (`default`).
    package static func environment(_ variable: (String) -> String? = Self.variable) -> Self? {
        if let key = variable("AWS_ACCESS_KEY_ID"), let secret = variable("AWS_SECRET_ACCESS_KEY") {
            return .fixed(
                S3Credentials(
                    accessKey: key, secretKey: Secret(secret),
                    sessionToken: variable("AWS_SESSION_TOKEN").map { Secret($0) }))
        }
        let home = variable("HOME").map { $0 + "/.aws/credentials" }
        guard let path = variable("AWS_SHARED_CREDENTIALS_FILE") ?? home, access(path, R_OK) == 0 else { return nil }
        return .file(path: path, profile: variable("AWS_PROFILE") ?? "default")
    }

    /// A variable of this process' environment; nil when it is not set or empty.
    package static func variable(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        return value
    }

    /// The credentials as they are now; nil when the file has none.
    package var current: S3Credentials? {
        switch self {
        case .fixed(let credentials): return credentials
        case .file(let path, let profile):
            guard let text = SmallFile.read(path) else { return nil }
            return Self.credentials(in: text, profile: profile)
        }
    }

    static func credentials(in text: String, profile: String) -> S3Credentials? {
        var values: [String: String] = [:]
        var isInside = false
        for line in text.split(whereSeparator: \.isNewline) {
            let line = trimmed(line)
            if line.hasPrefix("[") {
                isInside = line == "[\(profile)]"
            } else if isInside, !line.hasPrefix("#"), let sign = line.firstIndex(of: "=") {
                values[trimmed(line[..<sign])] = trimmed(line[line.index(after: sign)...])
            }
        }
        guard let key = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else { return nil }
        return S3Credentials(
            accessKey: key, secretKey: Secret(secret), sessionToken: values["aws_session_token"].map { Secret($0) })
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var rest = Substring(text)
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
