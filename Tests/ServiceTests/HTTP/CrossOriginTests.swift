import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Service
import Testing

@Suite("Pages of other sites")
struct CrossOriginTests {
    private struct Answer {
        let status: Int
        let headers: HTTPHeaders
    }

    /// Asks a server whose API below /api/v1 the origins may read; its path /api/v1/read is for reading alone.
    private func ask(
        _ path: String, _ method: NIOHTTP1.HTTPMethod = .GET, origin: String?, origins: String = ".*"
    ) async throws -> Answer {
        let router = Daemon.makeRouter()
        for path: RouterPath in ["/api/v1/read", "/api/v1/change"] {
            router.get(path) { _, _ in "" }
            router.post(path) { _, _ in "" }
        }
        router.get("/other") { _, _ in "" }
        let server = try await EmbeddedServer(
            router: router, crossOrigin: CrossOrigin(below: "/api/v1", origins: origins), readPaths: ["/api/v1/read"])
        var request = HTTPClientRequest(url: server.url + path)
        request.method = method
        if let origin { request.headers.add(name: "Origin", value: origin) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        _ = try await response.body.collect(upTo: 1 << 20)
        await server.stop()
        return Answer(status: Int(response.status.code), headers: response.headers)
    }

    @Test("all may read by default, also errors", arguments: [("/api/v1/read", 200), ("/api/v1/unknown", 404)])
    func everybody(path: String, status: Int) async throws {
        let answer = try await ask(path, origin: "http://a.example")
        #expect(answer.status == status)
        #expect(answer.headers.first(name: "Access-Control-Allow-Origin") == "*")
        #expect(
            answer.headers.first(name: "Access-Control-Allow-Headers") == "Accept, Authorization, Content-Type, Origin")
        #expect(answer.headers.first(name: "Access-Control-Allow-Methods") == "GET, POST, OPTIONS")
        #expect(answer.headers.first(name: "Access-Control-Expose-Headers") == "Date")
        #expect(answer.headers[canonicalForm: "Vary"].contains("Origin"))
    }

    @Test("without an origin nothing is said but that answers differ by it")
    func noOrigin() async throws {
        let answer = try await ask("/api/v1/read", origin: nil)
        #expect(answer.headers.first(name: "Access-Control-Allow-Headers") == nil)
        #expect(answer.headers.first(name: "Access-Control-Allow-Origin") == nil)
        #expect(answer.headers[canonicalForm: "Vary"].contains("Origin"))
    }

    @Test("outside of the API nothing is said at all")
    func outside() async throws {
        let answer = try await ask("/other", origin: "http://a.example")
        #expect(answer.headers.first(name: "Access-Control-Allow-Origin") == nil)
    }

    @Test(
        "a pattern holds for the whole origin",
        arguments: [("https://a.example", true), ("https://a.example.org", false), ("http://a.example", false)])
    func pattern(origin: String, isAdmitted: Bool) async throws {
        let answer = try await ask("/api/v1/read", origin: origin, origins: "https://(a|b)\\.example")
        #expect(answer.headers.first(name: "Access-Control-Allow-Origin") == (isAdmitted ? origin : nil))
        #expect(answer.headers.first(name: "Access-Control-Allow-Methods") == "GET, POST, OPTIONS")
    }

    @Test("a browser that asks first is told without a body", arguments: ["/api/v1/read", "/api/v1/unknown"])
    func preflight(path: String) async throws {
        let answer = try await ask(path, .OPTIONS, origin: "http://a.example")
        #expect(answer.status == 204)
        #expect(answer.headers.first(name: "Access-Control-Allow-Origin") == "*")
    }

    @Test(
        "a page that is let in may read by POST, and change nothing",
        arguments: [("/api/v1/read", ".*", 200), ("/api/v1/read", "none", 403), ("/api/v1/change", ".*", 403)])
    func post(path: String, origins: String, status: Int) async throws {
        #expect(try await ask(path, .POST, origin: "http://a.example", origins: origins).status == status)
    }

    @Test(
        "with a prefix all lies below it, and / leads there",
        arguments: [
            ("/prom/api", 200, nil), ("/prom/metrics", 200, nil), ("/api", 404, nil), ("/promx/api", 404, nil),
            ("/", 302, "/prom/"), ("/prom", 302, "/prom/"), ("/prom/api?a=/", 200, nil),
        ] as [(String, Int, String?)])
    func prefix(path: String, status: Int, location: String?) async throws {
        let router = Daemon.makeRouter()
        router.get("/api") { _, _ in "" }
        let server = try await EmbeddedServer(router: router, prefix: "prom/")
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        let client = HTTPClient(configuration: configuration)
        let response = try await client.execute(HTTPClientRequest(url: server.url + path), timeout: .seconds(60))
        #expect(Int(response.status.code) == status)
        #expect(response.headers.first(name: "Location") == location)
        try await client.shutdown()
        await server.stop()
    }
}
