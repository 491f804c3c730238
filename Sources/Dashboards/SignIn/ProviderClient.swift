import AsyncHTTPClient
import Crypto
import MartletCore
import NIOCore
import NIOHTTP1
import Service

/// Asks one provider: where it answers, what a code is worth, and who somebody is.
final class ProviderClient: Sendable {
    /// Largest answer, in bytes.
    private static let answerLimit = 1 << 20
    /// How long what an issuer says of itself is believed.
    private static let discoveryLifetime = Duration.seconds(3600)
    private static let pageSize = 100
    private static let pageLimit = 10

    let provider: SignInProvider
    private let client: ConfiguredClient
    private let discovered = Lock<(endpoints: SignInProvider.Endpoints, until: ContinuousClock.Instant)?>(nil)

    /// - Throws: when the provider's TLS settings name a file that cannot be used.
    init(_ provider: SignInProvider) throws {
        self.provider = provider
        var settings = HTTPClientSettings()
        settings.tls = provider.tls
        settings.followsRedirects = false
        client = try ConfiguredClient(settings, connectTimeoutMs: min(5000, provider.timeoutMs))
    }

    func shutdown() async {
        await client.shutdown()
    }

    /// Where a browser is sent, with everything that the provider is to know.
    func authorizationURL(state: String, verifier: String, redirectURI: String) async throws -> String {
        let endpoints = try await inTime { try await self.endpoints() }
        let challenge = SHA256.hash(data: Array(verifier.utf8)).withUnsafeBytes { Base64.encode($0) }
        let parameters = [
            ("response_type", "code"), ("client_id", provider.clientID), ("redirect_uri", redirectURI),
            ("scope", provider.scopes.joined(separator: " ")), ("state", state),
            ("code_challenge", Self.urlSafe(challenge)), ("code_challenge_method", "S256"),
        ]
        let separator = endpoints.authorization.contains("?") ? "&" : "?"
        return endpoints.authorization + separator + Self.form(parameters)
    }

    /// Exchanges a code and asks who it belongs to.
    func identity(code: String, verifier: String, redirectURI: String) async throws -> ExternalIdentity {
        try await inTime {
            let endpoints = try await self.endpoints()
            let token = try await self.token(endpoints, code: code, verifier: verifier, redirectURI: redirectURI)
            switch self.provider.kind {
            case .github: return try await self.github(endpoints.profile, token)
            case .generic:
                let profile = try await self.get(endpoints.profile, token: token)
                guard let found = ExternalIdentity(userinfo: profile, groupsPath: self.provider.groupsPath) else {
                    throw SignInFailure(.strange, "the profile has no sub")
                }
                return found
            }
        }
    }

    // MARK: Steps

    private func endpoints() async throws -> SignInProvider.Endpoints {
        if let endpoints = provider.endpoints { return endpoints }
        guard let issuer = provider.issuer else { throw SignInFailure(.strange, "no issuer") }
        let now = ContinuousClock.now
        if let known = discovered.withLock({ $0 }), now < known.until { return known.endpoints }
        let document = try await get(issuer + "/.well-known/openid-configuration", token: nil)
        var named = document["issuer"]?.string ?? ""
        while named.hasSuffix("/") { named.removeLast() }
        guard named == issuer else {
            throw SignInFailure(.strange, "the issuer's document is of \"\(named.cut(to: 200))\", not of \(issuer)")
        }
        let urls = ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"].compactMap { key in
            document[key]?.string.flatMap { SignInProvider.isSafe($0) ? $0 : nil }
        }
        guard urls.count == 3 else {
            throw SignInFailure(.strange, "the issuer's document lacks an https URL of one of its three endpoints")
        }
        let found = SignInProvider.Endpoints(authorization: urls[0], token: urls[1], profile: urls[2])
        discovered.withLock { $0 = (found, now + Self.discoveryLifetime) }
        return found
    }

    private func token(
        _ endpoints: SignInProvider.Endpoints, code: String, verifier: String, redirectURI: String
    ) async throws -> String {
        guard let secret = provider.readSecret() else {
            throw SignInFailure(.strange, "cannot read the file of client_secret_file")
        }
        var request = HTTPClientRequest(url: endpoints.token)
        request.method = .POST
        var form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI),
            ("code_verifier", verifier),
        ]
        if provider.secretInHeader {
            // RFC 6749, 2.3.1: both are encoded as in a form first.
            request.setBasicAuth(username: URLText.encoded(provider.clientID), password: URLText.encoded(secret))
        } else {
            form += [("client_id", provider.clientID), ("client_secret", secret)]
        }
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: Self.form(form)))
        let (status, answer) = try await send(request)
        // GitHub refuses a code with 200.
        if let error = answer?["error"]?.string { throw SignInFailure(.code, "\(status): \(error.cut(to: 200))") }
        guard status == 200 else { throw SignInFailure(.code, "\(status) from \(endpoints.token)") }
        let type = answer?["token_type"]?.string?.lowercased() ?? "bearer"
        guard type == "bearer", let token = answer?["access_token"]?.string, !token.isEmpty,
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw SignInFailure(.strange, "the token's answer has no bearer access_token") }
        return token
    }

    private func github(_ profile: String, _ token: String) async throws -> ExternalIdentity {
        guard var found = ExternalIdentity(github: try await get(profile, token: token)) else {
            throw SignInFailure(.strange, "the profile has no id and login")
        }
        // The address in the profile may be any; these are the checked ones.
        let emails = try await list(profile + "/emails", token).filter { $0["verified"]?.bool == true }
        let primary = emails.first { $0["primary"]?.bool == true } ?? emails.first
        found.email = primary?["email"]?.string?.lowercased()
        if !provider.organizations.isEmpty || !provider.groups.isEmpty || !provider.mappings.isEmpty {
            found.groups = try await list(profile + "/orgs", token).compactMap { $0["login"]?.string }
        }
        if provider.wantsTeams {
            found.groups += try await list(profile + "/teams", token).compactMap { team in
                guard let name = team["slug"]?.string, let owner = team["organization"]?["login"]?.string else {
                    return nil
                }
                return "@\(owner)/\(name)"
            }
        }
        return found
    }

    /// All pages of a list of GitHub's, up to a limit.
    private func list(_ url: String, _ token: String) async throws -> [JSONValue] {
        var all: [JSONValue] = []
        for page in 1...Self.pageLimit {
            let answer = try await get("\(url)?per_page=\(Self.pageSize)&page=\(page)", token: token)
            guard let values = answer.array else { throw SignInFailure(.strange, "\(url) is no list") }
            all += values
            if values.count < Self.pageSize { break }
        }
        return all
    }

    // MARK: Requests

    private func get(_ url: String, token: String?) async throws -> JSONValue {
        var request = HTTPClientRequest(url: url)
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        let (status, answer) = try await send(request)
        guard status == 200, let answer else { throw SignInFailure(.strange, "\(status) from \(url), or no JSON") }
        return answer
    }

    private func send(_ request: HTTPClientRequest) async throws -> (status: UInt, answer: JSONValue?) {
        var request = request
        request.headers.add(name: "accept", value: "application/json")
        request.headers.add(name: "user-agent", value: "martlet-dashboards/\(BuildVersion.number)")
        do {
            let response = try await client.execute(request, timeout: .milliseconds(provider.timeoutMs))
            if response.status.code >= 500 {
                throw SignInFailure(.unreachable, "\(response.status.code) from \(request.url)")
            }
            let body = try await response.body.collect(upTo: Self.answerLimit)
            return (response.status.code, try? JSONValue(parsing: Array(body.readableBytesView)))
        } catch let failure as SignInFailure {
            throw failure
        } catch is NIOTooManyBytesError {
            throw SignInFailure(.strange, "\(request.url) answers with more than \(Self.answerLimit) bytes")
        } catch {
            throw SignInFailure(.unreachable, "\(request.url): \(ConnectionFailure.reason(error) ?? "\(error)")")
        }
    }

    /// Ends what takes longer than a sign-in may, bodies that come byte by byte included.
    private func inTime<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let limit = provider.timeoutMs
        return try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask(operation: body)
            group.addTask {
                try await Task.sleep(for: .milliseconds(limit))
                throw SignInFailure(.unreachable, "no answer within \(limit) ms")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw SignInFailure(.unreachable) }
            return first
        }
    }

    static func form(_ parameters: [(String, String)]) -> String {
        parameters.map { "\($0)=\(URLText.encoded($1))" }.joined(separator: "&")
    }

    /// Base64 as it stands in URLs, without padding.
    static func urlSafe(_ base64: [UInt8]) -> String {
        String(decoding: base64, as: UTF8.self).replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
