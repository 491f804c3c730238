import MartletCore
import Service

/// Sign-in by providers: to the provider with a state that one browser alone can bring back once, and from there to a session.
package final class SignIn: Sendable {
    /// Cookie of a browser that is on its way to a provider and back.
    static let cookieName = "martlet_sign_in"
    private static let targetLimit = 1024

    /// Whether passwords count, and the providers.
    package let config: AuthConfig
    private let accounts: Accounts
    private let externalURL: String?
    private let clients: [String: ProviderClient]
    private let pending = Lock(PendingSignIns())

    /// - Parameters:
    ///   - externalURL: under which browsers reach this server, without a path; nil to sign in on this machine alone.
    /// - Throws: ``UsageError`` for an external URL with a path, or when a provider's certificates cannot be used.
    package init(config: AuthConfig, accounts: Accounts, externalURL: String?) throws {
        self.config = config
        self.accounts = accounts
        self.externalURL = try externalURL.map(Self.check(externalURL:))
        var clients: [String: ProviderClient] = [:]
        for provider in config.providers {
            do {
                clients[provider.id] = try ProviderClient(provider)
            } catch {
                throw UsageError("--auth.config-file: tls_config of \(provider.id): \(error)")
            }
        }
        self.clients = clients
    }

    private static func check(externalURL url: String) throws(UsageError) -> String {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? ""
        let host = rest.hasSuffix("/") ? rest.dropLast() : rest
        let isPlain = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard url.hasPrefix("https://") || url.hasPrefix("http://"), !host.isEmpty, isPlain,
            !host.contains(where: { "/?#@\\".contains($0) })
        else {
            throw UsageError(
                "--web.external-url must be http:// or https://, a host and perhaps a port, without a path, not \"\(url)\""
            )
        }
        return url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    /// True when browsers reach this server by TLS, as the external URL says.
    var isExternallySecure: Bool { externalURL?.hasPrefix("https://") ?? false }

    func provider(_ id: String) -> SignInProvider? { clients[id]?.provider }

    /// Closes the connections to the providers.
    func shutdown() async {
        for client in clients.values { await client.shutdown() }
    }

    /// Sends a browser to a provider.
    /// - Parameters:
    ///   - target: where the browser wants to be in the end; anything but an address of this server counts as its root.
    ///   - authority: the host that the request names.
    /// - Returns: the address at the provider, and the value of the browser's cookie.
    func begin(
        _ id: String, target: String, authority: String?, secure: Bool, address: String
    ) async throws -> (location: String, cookie: String) {
        guard let client = clients[id] else { throw SignInFailure(.expired, "no such provider") }
        let base: String
        if let externalURL {
            base = externalURL
        } else if let authority, LoopbackHost.matches(authority) {
            base = "\(secure ? "https" : "http")://\(authority)"
        } else {
            throw SignInFailure(.address, "the host is \"\(authority?.cut(to: 100) ?? "")\"")
        }
        let random = { RandomText.letters(Accounts.tokenLength, of: RandomText.base64URL) }
        let (state, verifier, cookie) = (random(), random(), random())
        let redirectURI = "\(base)/login/\(id)"
        let location = try await client.authorizationURL(state: state, verifier: verifier, redirectURI: redirectURI)
        let entry = PendingSignIns.Entry(
            provider: id, browser: TokenDigest.of(cookie), verifier: verifier, redirectURI: redirectURI,
            target: Self.safe(target), address: address, begunAt: accounts.now)
        pending.withLock { $0.add(entry, state: state) }
        return (location, cookie)
    }

    /// An address below this server's own, without the first slash; empty for anything else.
    package static func safe(_ target: String) -> String {
        guard target.first == "/", target.utf8.count <= targetLimit,
            let path = try? ShortLinkRoutes.check(String(target.dropFirst())),
            !["login", "api"].contains(path.prefix { $0 != "/" && $0 != "?" })
        else { return "" }
        return path
    }

    /// What a provider sent a browser back with.
    struct Return: Sendable {
        let state: String
        let code: String?
        let error: String?
        let issuer: String?
        let cookie: String?
        let address: String
    }

    /// Begins the session of a browser that is back.
    func finish(_ id: String, _ back: Return) async throws -> (token: String, user: User, target: String) {
        guard let client = clients[id] else { throw SignInFailure(.expired, "no such provider") }
        let now = accounts.now
        guard let entry = pending.withLock({ $0.take(state: back.state, now: now) }) else {
            throw SignInFailure(.expired, "the state is unknown, over or used")
        }
        guard entry.provider == id, let cookie = back.cookie, TokenDigest.of(cookie) == entry.browser else {
            throw SignInFailure(.expired, "the state belongs to another browser or provider")
        }
        if let issuer = back.issuer, let own = client.provider.issuer, issuer != own, issuer != own + "/" {
            throw SignInFailure(.strange, "the answer is of another issuer")
        }
        guard let code = back.code else {
            throw SignInFailure(.cancelled, back.error?.cut(to: 100) ?? "no code")
        }
        // Of the failures of one address, whoever it was: nobody else is kept out by them.
        let name = "state \(back.state)"
        guard accounts.beginAttempt(name, address: back.address) == nil else { throw SignInFailure(.many) }
        let identity = try await client.identity(
            code: code, verifier: entry.verifier, redirectURI: entry.redirectURI)
        try identity.check(client.provider)
        let user = try await accounts.user(of: identity, at: client.provider, address: back.address)
        let token = try await accounts.beginSession(of: user)
        accounts.attemptSucceeded(name, address: back.address)
        return (token, user, entry.target)
    }
}
