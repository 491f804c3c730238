import AsyncHTTPClient
import Dashboards
import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import NIOHTTP1
import Service
import Testing

@Suite("Proxy to the data sources")
struct DataSourceProxyTests {
    /// A server that tells what it was asked.
    private func withSource(_ body: (EmbeddedServer) async throws -> Void) async throws {
        let router = Daemon.makeRouter()
        let tell: @Sendable (Request, ServiceContext) async throws -> String = { request, context in
            let text = String(buffer: try await requestBody(request, context, limit: 1 << 20))
            let names = request.headers.map { "\($0.name.rawName.lowercased())=\($0.value)" }.sorted()
            return "\(request.method.rawValue) \(request.uri.string) [\(text)] \(names.joined(separator: "; "))"
        }
        router.get("/base/api/v1/query", use: tell)
        router.post("/base/api/v1/query", use: tell)
        router.get("/base/api/v1/labels") { _, _ in
            Response(
                status: .badRequest, headers: [.contentType: "application/json", .setCookie: "a=b"],
                body: .init(byteBuffer: .init(string: #"{"status":"error","error":"bad matcher"}"#)))
        }
        let server = try await EmbeddedServer(router: router)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func source(_ url: String) -> DataSource {
        DataSource(
            uid: "metrics", name: "Metrics", kind: .prometheus, url: url + "/base/", authorization: Secret("Basic abc"),
            headers: [.init(name: "X-Scope-OrgID", value: Secret("team"))])
    }

    @Test("sends the query with the source's credentials and without the browser's")
    func credentials() async throws {
        try await withSource { (upstream: EmbeddedServer) async throws in
            try await TestServer.run(folder: TestFolder(), sources: [source(upstream.url)]) {
                (server: TestServer) async throws in
                let token = try await server.session()
                let answer = try await server.send(
                    .GET, "/api/datasources/proxy/uid/metrics/api/v1/query?query=a%2Bb", cookie: token,
                    headers: [
                        ("Authorization", "Bearer mine"), ("X-Forwarded-For", "1.2.3.4"),
                        ("Accept", "application/json"),
                    ])
                #expect(answer.status == 200)
                #expect(answer.text.hasPrefix("GET /base/api/v1/query?query=a%2Bb []"))
                #expect(answer.text.contains("authorization=Basic abc"))
                #expect(answer.text.contains("x-scope-orgid=team"))
                #expect(answer.text.contains("accept=application/json"))
                #expect(!answer.text.contains(token))
                #expect(!answer.text.contains("mine"))
                #expect(!answer.text.contains("1.2.3.4"))
                #expect(answer.headers.first(name: "Content-Security-Policy")?.contains("sandbox") == true)
            }
        }
    }

    @Test("passes on the body of a POST query, from our own pages only")
    func post() async throws {
        try await withSource { (upstream: EmbeddedServer) async throws in
            try await TestServer.run(folder: TestFolder(), sources: [source(upstream.url)]) {
                (server: TestServer) async throws in
                let token = try await server.session()
                let path = "/api/datasources/proxy/uid/metrics/api/v1/query"
                let answer = try await server.send(.POST, path, cookie: token, body: "query=up")
                #expect(answer.text.hasPrefix("POST /base/api/v1/query [query=up]"))
                let foreign = try await server.send(
                    .POST, path, cookie: token, body: "query=up", headers: [("Origin", "http://evil.example")])
                #expect(foreign.status == 403)
                let large = String(repeating: "a", count: (1 << 20) + 1)
                #expect(try await server.send(.POST, path, cookie: token, body: large).status == 413)
            }
        }
    }

    @Test("answers a batch of queries, each with its own status")
    func batch() async throws {
        try await withSource { (upstream: EmbeddedServer) async throws in
            try await TestServer.run(folder: TestFolder(), sources: [source(upstream.url)]) {
                (server: TestServer) async throws in
                let token = try await server.session()
                let queries = """
                    {"queries": [{"uid": "metrics", "path": "/api/v1/query", "form": "query=up"},
                    {"uid": "metrics", "path": "/api/v1/labels?start=1"},
                    {"uid": "metrics", "path": "/api/v1/admin/tsdb/delete_series", "form": ""},
                    {"uid": "metrics", "path": "/../secret"},
                    {"uid": "metrics", "path": "/config/v1/rules/n", "form": "name=g"}]}
                    """
                let answer = try await server.send(.POST, "/api/datasources/batch", cookie: token, body: queries)
                #expect(answer.status == 200)
                #expect(answer.text.contains("POST /base/api/v1/query [query=up]"))
                #expect(answer.text.contains("authorization=Basic abc"))
                #expect(answer.text.contains("1 400 identity 40\n{\"status\":\"error\",\"error\":\"bad matcher\"}"))
                #expect(answer.text.contains("2 403 identity"))
                #expect(answer.text.contains("3 400 identity"))
                #expect(answer.text.contains("4 403 identity 48\n{\"message\":\"a batch only asks; send this alone\"}"))
                let unknown = #"{"queries": [{"uid": "other", "path": "/api/v1/query"}]}"#
                let path = "/api/datasources/batch"
                #expect(try await server.send(.POST, path, cookie: token, body: unknown).status == 404)
                #expect(try await server.send(.POST, path, cookie: token, body: "[]").status == 400)
                #expect(try await server.send(.POST, path, body: unknown).status == 401)
            }
        }
    }

    @Test("hands back the source's status and message, not its cookies")
    func errors() async throws {
        try await withSource { (upstream: EmbeddedServer) async throws in
            try await TestServer.run(folder: TestFolder(), sources: [source(upstream.url)]) {
                (server: TestServer) async throws in
                let token = try await server.session()
                let answer = try await server.send(
                    .GET, "/api/datasources/proxy/uid/metrics/api/v1/labels", cookie: token)
                #expect(answer.status == 400)
                #expect(answer.text.contains("bad matcher"))
                #expect(!answer.headers.contains(name: "Set-Cookie"))
                let write = try await server.send(
                    .POST, "/api/datasources/proxy/uid/metrics/api/v1/write", cookie: token, body: "")
                #expect(write.status == 403)
                let unknown = try await server.send(.GET, "/api/datasources/proxy/uid/no/api/v1/labels", cookie: token)
                #expect(unknown.status == 404)
            }
        }
    }

    @Test("a source that is down is named in the answer")
    func down() async throws {
        let gone = DataSource(uid: "gone", name: "Gone", kind: .loki, url: "http://127.0.0.1:9")
        try await TestServer.run(folder: TestFolder(), sources: [gone]) { (server: TestServer) async throws in
            let token = try await server.session()
            let answer = try await server.send(
                .GET, "/api/datasources/proxy/uid/gone/loki/api/v1/labels", cookie: token)
            #expect(answer.status == 502)
            #expect(
                try answer.json()["message"]?.string
                    == "Gone at http://127.0.0.1:9 cannot be reached: connection refused")
            let health = try await server.send(.GET, "/api/datasources/uid/gone/health", cookie: token)
            #expect(try health.json()["status"]?.string == "ERROR")
        }
    }
}
