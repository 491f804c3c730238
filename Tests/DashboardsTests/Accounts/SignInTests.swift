import Dashboards
import MartletCore
import NIOHTTP1
import Service
import Testing

@Suite("Sign-in by providers")
struct SignInTests {
    private static let github = """
        providers:
          - type: github
            client_id: a
            client_secret: b
            allowed_organizations: [example]
            role_mapping: [{ group: example, role: Editor }, { group: "@example/ops", role: Admin }]
        """

    private static func provider(_ text: String = github) throws -> SignInProvider {
        try #require(try AuthConfig(text: text, file: "auth.yml").providers.first)
    }

    @Test("a provider needs few keys, and has GitHub's addresses")
    func defaults() throws {
        let provider = try Self.provider()
        #expect(provider.id == "github")
        #expect(provider.endpoints?.profile == "https://api.github.com/user")
        #expect(!provider.signUp)
        #expect(!provider.matchesEmail)
        #expect(provider.scopes == ["user:email", "read:org"])
        #expect(provider.wantsTeams)
        #expect(provider.realm == "https://api.github.com/user")
    }

    @Test("what would let strangers in, or cannot be meant, is refused with its line")
    func refused() {
        for text in [
            "disable_login_form: true",
            "providers: [{ type: github, client_id: a, client_secret: b, allow_sign_up: true }]",
            "providers: [{ type: generic_oauth, client_id: a, client_secret: b }]",
            "providers: [{ type: generic_oauth, client_id: a, client_secret: b, issuer: 'https://x', api_url: 'https://y' }]",
            "providers: [{ type: generic_oauth, client_id: a, client_secret: b, issuer: 'http://x.example' }]",
            "providers: [{ type: github, id: 'A/B', client_id: a, client_secret: b }]",
            "providers: [{ type: github, client_id: a, client_secret: b, tls_config: { insecure_skip_verify: true } }]",
            "providers: [{ type: github, client_id: a, client_secret: b }, { type: github, client_id: a, client_secret: b }]",
            "providers: [{ type: github, client_id: a, client_secret: b, timeout: 2m }]",
            "providers: [{ type: github, client_id: a, client_secret: b, default_role: Owner }]",
        ] {
            #expect(throws: ConfigError.self, "\(text)") { try AuthConfig(text: text, file: "auth.yml") }
        }
    }

    @Test("of the roles of somebody's groups the highest counts, in any case of letters; without any the default")
    func roles() throws {
        let provider = try Self.provider()
        #expect(provider.role(in: ["Example"]) == .editor)
        #expect(provider.role(in: ["example", "@example/OPS"]) == .admin)
        #expect(provider.role(in: []) == .viewer)
        #expect(
            try Self.provider("providers: [{ type: github, client_id: a, client_secret: b }]").role(in: ["x"]) == nil)
    }

    @Test("an e-mail counts when the provider says that it is verified, and only then")
    func emails() throws {
        for (verified, email) in [
            ("true", "a@x.org"), (#""true""#, "a@x.org"), ("false", nil), ("1", nil), ("null", nil),
        ] as [(String, String?)] {
            let text = #"{"sub":"1","email":"A@x.org","email_verified":\#(verified),"realm":{"roles":["r"]}}"#
            let found = ExternalIdentity(userinfo: try JSONValue(parsing: text), groupsPath: ["realm", "roles"])
            #expect(found?.email == email)
            #expect(found?.groups == ["r"])
            #expect(found?.login == "A@x.org")
        }
        #expect(ExternalIdentity(userinfo: ["email": "a@x.org"], groupsPath: []) == nil)
    }

    @Test("a domain is the whole of what stands behind the last @")
    func domains() throws {
        let provider = try Self.provider(
            "providers: [{ type: github, client_id: a, client_secret: b, allowed_domains: [X.org] }]")
        for (email, fits) in [
            ("a@x.org", true), ("a@x.org@y.org", false), ("a@sub.x.org", false), ("a@notx.org", false),
            ("x.org", false),
        ] {
            var identity = try #require(ExternalIdentity(userinfo: ["sub": "1"], groupsPath: []))
            identity.email = email
            if fits {
                try identity.check(provider)
            } else {
                #expect(throws: SignInFailure.self, "\(email)") { try identity.check(provider) }
            }
        }
    }

    @Test("a state is good once, for ten minutes, and an address has so many at a time")
    func states() {
        var pending = PendingSignIns()
        func entry(_ address: String, _ time: Int64) -> PendingSignIns.Entry {
            .init(
                provider: "p", browser: [], verifier: "v", redirectURI: "r", target: "", address: address, begunAt: time
            )
        }
        pending.add(entry("a", 0), state: "one")
        #expect(pending.take(state: "two", now: 1) == nil)
        #expect(pending.take(state: "one", now: 599) != nil)
        #expect(pending.take(state: "one", now: 599) == nil)
        pending.add(entry("a", 0), state: "one")
        #expect(pending.take(state: "one", now: 600) == nil)
        pending.add(entry("b", 0), state: "kept")
        for index in 0..<1000 { pending.add(entry("a", Int64(index)), state: "\(index)") }
        #expect(pending.count == PendingSignIns.limitPerAddress + 1)
        #expect(pending.take(state: "kept", now: 1) != nil)
        #expect(pending.take(state: "0", now: 1) == nil)
    }

    @Test(
        "after a sign-in nobody is sent elsewhere",
        arguments: [
            ("/d/one?from=now-1h", "d/one?from=now-1h"), ("/", ""), ("//evil.example", ""), ("/\\evil.example", ""),
            ("https://evil.example", ""), ("evil", ""), ("/login/github", ""), ("/a\r\nb", ""), ("/../x", ""),
        ])
    func targets(target: String, path: String) {
        #expect(SignIn.safe(target) == path)
    }

    @Test(
        "plain HTTP is for this machine alone",
        arguments: [
            ("https://a.example/x", true), ("http://127.0.0.1:1/x", true), ("http://localhost/x", true),
            ("http://[::1]:8/x", true), ("http://a.example", false), ("http://localhost.evil.example", false),
            ("http://127.0.0.1@evil.example", false), ("ftp://a", false), ("https://", false),
        ])
    func safeURLs(url: String, isSafe: Bool) {
        #expect(SignInProvider.isSafe(url) == isSafe)
    }

    @Test("without providers the login page offers passwords, and what an address says of a failure is not shown")
    func methods() async throws {
        try await TestServer.run(folder: TestFolder()) { (server: TestServer) async throws in
            let answer = try await server.send(.GET, "/api/login/methods?failed=code&provider=Bank&error=x")
            #expect(answer.text == #"{"password":true,"providers":[]}"#)
            #expect(try await server.send(.GET, "/login/github").status == 404)
        }
    }

    @Test("with passwords switched off nobody logs in by one, and a wrong state leads to the login page with a reason")
    func withoutPasswords() async throws {
        let auth = try AuthConfig(text: "disable_login_form: true\n" + Self.github, file: "auth.yml")
        try await TestServer.run(folder: TestFolder(), auth: auth) { (server: TestServer) async throws in
            #expect(try await server.logIn(server.password).status == 403)
            let methods = try await server.send(.GET, "/api/login/methods?failed=expired&provider=github").json()
            #expect(methods["password"]?.bool == false)
            #expect(methods["error"]?.string?.hasPrefix("This sign-in took too long") == true)
        }
    }
}
