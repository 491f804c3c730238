package import ArgumentParser
import AsyncHTTPClient
import Service

/// The flags about how one logs in to a server.
package struct LoginOptions<Side: LoginSide>: ParsableArguments {
    @Option(
        name: .customLong(Side.prefix + "basic-auth"),
        help: ArgumentHelp("Login\(Side.owner), USER:PASSWORD; @FILE reads it from a file.", value: .text))
    package var basicAuth: String?

    @Option(
        name: .customLong(Side.prefix + "token"),
        help: ArgumentHelp("Bearer token\(Side.owner); @FILE reads it from a file.", value: .text))
    package var token: String?

    @Option(
        name: .customLong(Side.prefix + "ca-file"),
        help: ArgumentHelp("Certificate authorities\(Side.owner), PEM.", value: .file))
    package var caFile: String?

    @Option(
        name: [.customLong(Side.prefix + "tenant"), .customLong(Side.prefix + "org-id")],
        help: ArgumentHelp("Tenant\(Side.owner) (X-Scope-OrgID).", value: .text))
    package var tenant: String?

    package init() {}

    /// The server behind a URL. Reads the files that the flags name.
    package func peer(_ url: String) throws -> Peer {
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), url.split(separator: "/").count > 1 else {
            throw UsageError("\"\(url)\" is no URL of a server: use http://HOST:PORT or https://HOST:PORT")
        }
        guard URLText.withoutCredentials(url) == url else {
            throw UsageError("a login does not belong into the URL: use --\(Side.prefix)basic-auth USER:PASSWORD")
        }
        var base = url[...]
        while base.hasSuffix("/") { base = base.dropLast() }
        var settings = HTTPClientSettings()
        if basicAuth != nil, token != nil {
            throw UsageError("--\(Side.prefix)basic-auth and --\(Side.prefix)token exclude each other")
        }
        if let basicAuth {
            let pair = try Self.secret(basicAuth)
            guard let colon = pair.firstIndex(of: ":") else {
                throw UsageError("--\(Side.prefix)basic-auth takes USER:PASSWORD, or @FILE with that in it")
            }
            settings.authorization = .basic(
                user: .value(Secret(String(pair[..<colon]))),
                password: .value(Secret(String(pair[pair.index(after: colon)...]))))
        }
        if let token {
            settings.authorization = .header(type: "Bearer", credentials: .value(Secret(try Self.secret(token))))
        }
        if let caFile {
            var tls = HTTPClientSettings.TLS()
            tls.authorities = .file(caFile)
            settings.tls = tls
        }
        if let tenant { settings.headers = [.init(name: "X-Scope-OrgID", value: .value(Secret(tenant)))] }
        var request = HTTPClientRequest(url: String(base))
        try settings.apply(to: &request)
        do {
            return Peer(
                url: String(base), headers: request.headers.map { ($0.name, $0.value) },
                client: try ConfiguredClient(settings, connectTimeoutMs: 10_000, connectionsPerHost: 64))
        } catch {
            throw UsageError("--\(Side.prefix)ca-file: \(error)")
        }
    }

    /// The text itself, or what stands in the file behind `@`.
    private static func secret(_ text: String) throws -> String {
        guard text.hasPrefix("@") else { return text }
        let path = String(text.dropFirst())
        guard let content = SmallFile.read(path) else { throw UsageError("unable to read the file \(path)") }
        var line = content[...]
        while let last = line.last, last.isWhitespace { line = line.dropLast() }
        guard !line.isEmpty else { throw UsageError("the file \(path) is empty") }
        return String(line)
    }
}
