import AsyncHTTPClient
import Foundation
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOSSL
import Service
import Testing

/// An address of this machine that is not loopback, if it has one.
private let outerAddress: String? = (try? System.enumerateDevices())?.lazy.compactMap { device -> String? in
    guard case .v4 = device.address, let text = device.address?.ipAddress, !text.hasPrefix("127.") else { return nil }
    return text
}.first

@Suite("Web configuration file")
struct WebSecurityTests {
    @Test("users of basic_auth_users get in, others get 401", arguments: ["bcrypt", "yescrypt"])
    func basic(kind: String) async throws {
        let folder = try TestFolder()
        let hash = try CryptHash.make(
            "secret", prefix: kind == "bcrypt" ? "$2b$" : "$y$", cost: kind == "bcrypt" ? 4 : 1)
        let file = try folder.write("web.yml", "basic_auth_users:\n  alice: \(hash)\n")
        try await withServer(file) { server in
            try await #expect(status(server, nil) == 401)
            try await #expect(status(server, "Basic " + base64("alice:secret")) == 200)
            try await #expect(status(server, "Basic " + base64("alice:secret")) == 200)
            try await #expect(status(server, "Basic " + base64("alice:wrong")) == 401)
            try await #expect(status(server, "Basic " + base64("nobody:secret")) == 401)
            try await #expect(status(server, "Basic !!!") == 401)
            try await #expect(status(server, "Digest x") == 401)
            try await #expect(status(server, "Basic " + base64("alice")) == 401)
        }
    }

    @Test("tokens are bound to what they may do")
    func tokens() async throws {
        let folder = try TestFolder()
        try folder.write("t", "write-token-0123456789\n")
        let file = try folder.write(
            "web.yml",
            """
            tokens:
              - {name: reader, token: read-token-0123456789, access: read, tenant: team-a}
              - {name: writer, token_file: t, access: write}
            """)
        try await withServer(file) { server in
            try await #expect(status(server, "Bearer read-token-0123456789") == 200)
            try await #expect(status(server, "Bearer read-token-0123456789", method: .POST) == 403)
            try await #expect(status(server, "Bearer write-token-0123456789") == 403)
            try await #expect(status(server, "Bearer write-token-0123456789", method: .POST) == 200)
            try await #expect(status(server, "Bearer other-token-0123456789") == 401)
            let who = try await fetch(server, "Bearer read-token-0123456789")
            #expect(who == "reader/team-a")
        }
    }

    @Test("a changed file rules at once, a bad one changes nothing")
    func reload() async throws {
        let folder = try TestFolder()
        let file = try folder.write("web.yml", "tokens:\n  - {name: a, token: first-token-0123456789}\n")
        try await withServer(file) { server in
            try await #expect(status(server, "Bearer first-token-0123456789") == 200)
            try folder.write("web.yml", "tokens:\n  - {name: a, token: second-token-0123456789}\n")
            try await eventually { try await status(server, "Bearer second-token-0123456789") == 200 }
            try await #expect(status(server, "Bearer first-token-0123456789") == 401)
            try folder.write("web.yml", "tokens: nonsense\n")
            try await Task.sleep(for: .milliseconds(150))
            try await #expect(status(server, "Bearer second-token-0123456789") == 200)
        }
    }

    @Test(
        "a path with empty segments needs what the path without them needs, also below a prefix",
        arguments: ["", "/prom"])
    func emptySegments(prefix: String) async throws {
        let folder = try TestFolder()
        let file = try folder.write("web.yml", "tokens:\n  - {name: r, token: read-token-0123456789, access: read}\n")
        let router = Daemon.makeRouter()
        router.get("/admin/danger") { _, _ in "done" }
        let server = try await EmbeddedServer(
            router: router, webConfigFile: file, writePaths: ["/admin"], prefix: prefix)
        for path in ["/admin/danger", "//admin/danger", "/admin//danger", "/admin/danger/"] {
            var request = HTTPClientRequest(url: server.url + prefix + path)
            request.headers.add(name: "Authorization", value: "Bearer read-token-0123456789")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
            #expect(response.status == .forbidden, "\(path)")
        }
        await server.stop()
    }

    @Test(
        "a server with pages of its own answers metrics and reload to its own machine only, until people can log in",
        .enabled(if: outerAddress != nil))
    func ownPages() async throws {
        let outer = try #require(outerAddress)
        func statuses(_ webConfig: String?, _ host: String, exposed: Bool = true) async throws -> [UInt] {
            let server = try await EmbeddedServer(
                router: Daemon.makeRouter(), webConfigFile: webConfig, host: "0.0.0.0",
                isExposedWithoutLogin: exposed)
            var found: [UInt] = []
            for (method, path) in [
                (HTTPMethod.GET, "/metrics"), (.POST, "/-/reload"), (.GET, "/-/healthy"), (.GET, "/-/ready"),
            ] {
                var request = HTTPClientRequest(url: "http://\(host):\(server.address.port)\(path)")
                request.method = method
                request.headers.add(name: "Authorization", value: "Bearer some-token-0123456789")
                found.append(try await HTTPClient.shared.execute(request, timeout: .seconds(120)).status.code)
            }
            await server.stop()
            return found
        }
        let folder = try TestFolder()
        let file = try folder.write("web.yml", "tokens:\n  - {name: a, token: some-token-0123456789}\n")
        try await #expect(statuses(nil, outer) == [403, 403, 200, 200])
        try await #expect(statuses(nil, "127.0.0.1") == [200, 200, 200, 200])
        try await #expect(statuses(file, outer) == [200, 200, 200, 200])
        try await #expect(statuses(nil, outer, exposed: false) == [200, 200, 200, 200])
    }

    @Test("a client without a certificate of the right authority is not let in")
    func clientCertificates() async throws {
        let server = try TestFolder()
        let stranger = try TestFolder()
        try server.makeCertificate()
        try stranger.makeCertificate()
        let file = try server.write(
            "web.yml",
            """
            tls_server_config:
              cert_file: server.crt
              key_file: server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: server.crt
            """)
        func status(_ identity: TestFolder?) async throws -> UInt {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(server.path + "/server.crt")
            if let identity {
                tls.certificateChain = try NIOSSLCertificate.fromPEMFile(identity.path + "/server.crt")
                    .map { .certificate($0) }
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: identity.path + "/server.key", format: .pem))
            }
            let client = HTTPClient(configuration: .init(tlsConfiguration: tls))
            let embedded = try await EmbeddedServer(router: Daemon.makeRouter(), webConfigFile: file)
            let result: Result<UInt, any Error>
            do {
                let answer = try await client.execute(
                    HTTPClientRequest(url: embedded.url + "/-/healthy"), timeout: .seconds(120))
                result = .success(answer.status.code)
            } catch {
                result = .failure(error)
            }
            await embedded.stop()
            try await client.shutdown()
            return try result.get()
        }
        try await #expect(status(server) == 200)
        await #expect(throws: (any Error).self) { try await status(nil) }
        await #expect(throws: (any Error).self) { try await status(stranger) }
    }

    @Test("serves TLS and the configured headers")
    func tls() async throws {
        let folder = try TestFolder()
        try folder.makeCertificate()
        let file = try folder.write(
            "web.yml",
            """
            tls_server_config:
              cert_file: server.crt
              key_file: server.key
              min_version: TLS13
            http_server_config:
              headers:
                X-Frame-Options: DENY
            """)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(folder.path + "/server.crt")
        let client = HTTPClient(configuration: .init(tlsConfiguration: tls))
        try await withServer(file) { server in
            let response = try await client.execute(
                HTTPClientRequest(url: server.url + "/who"), timeout: .seconds(120))
            #expect(response.status == .ok)
            #expect(response.headers.first(name: "X-Frame-Options") == "DENY")
        }
        try await client.shutdown()
    }

    @Test(
        "mistakes name their place",
        arguments: [
            ("basic_auth_user: {}\n", "unknown key \"basic_auth_user\" (did you mean \"basic_auth_users\"?)"),
            ("basic_auth_users:\n  alice: plain\n", "web.yml:2:10: basic_auth_users.alice must be a bcrypt"),
            ("tokens:\n  - {name: a, token: short}\n", "shorter than 16"),
            ("tokens:\n  - {name: a}\n", "exactly one of"),
            ("http_server_config: {headers: {X-Other: y}}\n", "can not be configured"),
            ("tls_server_config: {cert_file: none.crt, key_file: none.key}\n", "cannot use "),
            ("tls_server_config: {key_file: none.key}\n", "needs the key \"cert_file\""),
            ("user_bindings: {bob: {tenant: a}}\n", "names a user that basic_auth_users does not have"),
        ])
    func mistakes(text: String, message: String) async throws {
        let folder = try TestFolder()
        let file = try folder.write("web.yml", text)
        await #expect {
            let server = try await EmbeddedServer(router: Daemon.makeRouter(), webConfigFile: file)
            await server.stop()
        } throws: { error in
            "\(error)".contains(message) && error is ConfigError
        }
    }

    // MARK: Helpers

    private func withServer(_ file: String, _ body: (EmbeddedServer) async throws -> Void) async throws {
        let router = Daemon.makeRouter()
        router.get("/who") { _, context in
            "\(context.identity.name ?? "-")/\(context.identity.tenant ?? "-")"
        }
        router.post("/who") { _, _ in "posted" }
        let server = try await EmbeddedServer(router: router, webConfigFile: file)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func execute(
        _ server: EmbeddedServer, _ authorization: String?, method: HTTPMethod
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: server.url + "/who")
        request.method = method
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        return try await HTTPClient.shared.execute(request, timeout: .seconds(120))
    }

    private func status(
        _ server: EmbeddedServer, _ authorization: String?, method: HTTPMethod = .GET
    ) async throws -> UInt {
        try await execute(server, authorization, method: method).status.code
    }

    private func fetch(_ server: EmbeddedServer, _ authorization: String?) async throws -> String {
        let response = try await execute(server, authorization, method: .GET)
        return String(buffer: try await response.body.collect(upTo: 1 << 20))
    }

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
