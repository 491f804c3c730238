import AsyncHTTPClient
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Service
import Testing

@Suite("Clients with settings of their own")
struct ConfiguredClientTests {
    @Test("server_name is the name that a certificate must be for, whatever the URL's host")
    func serverName() async throws {
        let folder = try TestFolder()
        try folder.makeCertificate(for: "DNS:metrics.example.org")
        try await withServer(folder) { server in
            let host = try await ask(server, folder, serverName: "metrics.example.org")
            #expect(host == "127.0.0.1:\(server.address.port)")
            for name in [nil, "logs.example.org"] {
                await #expect {
                    try await ask(server, folder, serverName: name)
                } throws: { ConnectionFailure.reason($0) == "the server's certificate is for another name" }
            }
        }
    }

    @Test("an authority that nobody trusts is told in words")
    func authority() async throws {
        let (folder, stranger) = (try TestFolder(), try TestFolder())
        try folder.makeCertificate()
        try stranger.makeCertificate()
        try await withServer(folder) { server in
            await #expect {
                try await ask(server, stranger)
            } throws: { ConnectionFailure.reason($0)?.contains("no trusted authority has signed it") == true }
        }
    }

    @Test("a file that holds no certificate or no key is named")
    func unusable() throws {
        let folder = try TestFolder()
        try folder.makeCertificate()
        try folder.write("junk", "no certificate")
        try folder.write("empty", "")
        func failure(_ change: (inout HTTPClientSettings.TLS) -> Void) -> String? {
            var settings = HTTPClientSettings()
            var tls = HTTPClientSettings.TLS()
            change(&tls)
            settings.tls = tls
            do {
                _ = try settings.clientConfiguration(connectTimeoutMs: 1000)
                return nil
            } catch {
                return "\(error)"
            }
        }
        let file = { (name: String) in HTTPClientSettings.Credential.file(folder.path + "/" + name) }
        for name in ["junk", "empty"] {
            #expect(failure { $0.authorities = file(name) } == "\(folder.path)/\(name) holds no certificate in PEM")
        }
        #expect(failure { ($0.certificate, $0.key) = (file("server.crt"), file("server.key")) } == nil)
        #expect(
            failure { ($0.certificate, $0.key) = (file("server.crt"), file("junk")) }
                == "\(folder.path)/junk holds no private key in PEM")
        #expect(
            failure { ($0.certificate, $0.key) = (file("server.key"), file("server.key")) }
                == "\(folder.path)/server.key holds no certificate in PEM")
    }

    @Test("files that change are read again")
    func renewal() async throws {
        let (folder, other) = (try TestFolder(), try TestFolder())
        try folder.makeCertificate()
        try other.makeCertificate()
        try await withServer(folder) { server in
            let client = try ConfiguredClient(settings(other), connectTimeoutMs: 10_000)
            await #expect(throws: (any Error).self) { try await ask(server, client) }
            try other.write("server.crt", "no certificate yet")
            try other.write("server.crt", String(contentsOfFile: folder.path + "/server.crt", encoding: .utf8))
            try await eventually { (try? await ask(server, client)) != nil }
            await client.shutdown()
            await #expect(throws: HTTPClientError.alreadyShutdown) { try await ask(server, client) }
        }
    }

    @Test("a file that is not there is an error at once")
    func missing() throws {
        let folder = try TestFolder()
        #expect(throws: (any Error).self) { try ConfiguredClient(settings(folder), connectTimeoutMs: 1000) }
    }

    @Test(
        "only names can be server names",
        arguments: [
            ("exporter.example.org", true), ("localhost", true), ("10.0.0.5", false), ("fd00::1", false),
            ("a b", false),
        ])
    func names(name: String, isName: Bool) throws {
        func read() throws -> String? {
            try ConfigDocument(text: "{tls_config: {server_name: '\(name)'}}", file: "a.yml").root.mapping { keys in
                try HTTPClientSettings(&keys).tls?.serverName
            }
        }
        if isName {
            #expect(try read() == name)
        } else {
            #expect { try read() } throws: { "\($0)".contains("tls_config.server_name must be a host name") }
        }
    }

    // MARK: Helpers

    private func settings(_ folder: TestFolder, serverName: String? = nil) -> HTTPClientSettings {
        var settings = HTTPClientSettings()
        settings.tls = HTTPClientSettings.TLS()
        settings.tls?.authorities = .file(folder.path + "/server.crt")
        settings.tls?.serverName = serverName
        return settings
    }

    private func ask(_ server: EmbeddedServer, _ folder: TestFolder, serverName: String? = nil) async throws -> String {
        let client = try ConfiguredClient(settings(folder, serverName: serverName), connectTimeoutMs: 10_000)
        let answer: Result<String, any Error>
        do { answer = .success(try await ask(server, client)) } catch { answer = .failure(error) }
        await client.shutdown()
        return try answer.get()
    }

    @discardableResult
    private func ask(_ server: EmbeddedServer, _ client: ConfiguredClient) async throws -> String {
        let response = try await client.execute(HTTPClientRequest(url: server.url + "/host"), timeout: .seconds(60))
        return String(buffer: try await response.body.collect(upTo: 1 << 20))
    }

    private func withServer(_ folder: TestFolder, _ body: (EmbeddedServer) async throws -> Void) async throws {
        let file = try folder.write("web.yml", "tls_server_config: { cert_file: server.crt, key_file: server.key }\n")
        let router = Daemon.makeRouter()
        router.get("/host") { request, _ in request.head.authority ?? "" }
        let server = try await EmbeddedServer(router: router, webConfigFile: file)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }
}
