import AsyncHTTPClient
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Service
import Testing

@Suite("HTTP server")
struct EmbeddedServerTests {
    private func withServer(
        _ routes: (Router<ServiceContext>) -> Void, _ body: (EmbeddedServer) async throws -> Void
    ) async throws {
        let router = Daemon.makeRouter()
        routes(router)
        let server = try await EmbeddedServer(router: router)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func fetch(_ request: HTTPClientRequest) async throws -> (HTTPClientResponse, String) {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let body = try await response.body.collect(upTo: 16 << 20)
        return (response, String(buffer: body))
    }

    @Test("answers a route, with its request id, and HEAD without a body")
    func routes() async throws {
        try await withServer { router in
            router.get("/hello/{name}") { _, context in "hello \(context.parameters.get("name") ?? "?")" }
        } _: { server in
            var request = HTTPClientRequest(url: server.url + "/hello/world")
            request.headers.add(name: "X-Request-Id", value: "abc-1")
            let (response, body) = try await fetch(request)
            #expect(response.status == .ok)
            #expect(body == "hello world")
            #expect(response.headers.first(name: "X-Request-Id") == "abc-1")
            request.method = .HEAD
            request.headers.replaceOrAdd(name: "X-Request-Id", value: "not sane")
            let (head, empty) = try await fetch(request)
            #expect(head.status == .ok)
            #expect(empty.isEmpty)
            #expect(head.headers.first(name: "Content-Length") == "11")
            #expect(head.headers.first(name: "X-Request-Id")?.count == 16)
        }
    }

    @Test("stops although a handler would go on for longer than the drain time", .timeLimit(.minutes(1)))
    func stubbornHandler() async throws {
        let router = Daemon.makeRouter()
        let (begun, begins) = AsyncStream<Void>.makeStream()
        router.get("/slow") { _, _ in
            begins.finish()
            try await Task.sleep(for: .seconds(3600))
            return "late"
        }
        let server = try await EmbeddedServer(router: router, drainTime: .zero)
        let asking = Task { try await fetch(HTTPClientRequest(url: server.url + "/slow")) }
        for await _ in begun {}
        await server.stop()
        await #expect(throws: (any Error).self) { try await asking.value }
    }

    @Test("introduces itself at / without scripts, and refuses to be framed")
    func index() async throws {
        let identity = ServerIdentity(
            name: "martlet-test", about: "Tests <everything>.", port: 1, storagePath: "data-test",
            configFile: .named("a file"), links: [.init("/api?a=\"1\"&b=2", "an example")])
        let tables = IndexTables()
        tables.add { IndexTable("Things", columns: ["name"], rows: [["<b>"], ["two"]], empty: "none") }
        tables.add { IndexTable("Others", columns: ["name"], rows: [], empty: "There are none.") }
        let server = try await EmbeddedServer(router: Daemon.makeRouter(), index: identity, indexTables: tables)
        let (page, text) = try await fetch(HTTPClientRequest(url: server.url + "/"))
        #expect(page.status == .ok)
        #expect(page.headers.first(name: "Content-Type") == "text/html; charset=utf-8")
        #expect(page.headers.first(name: "Content-Security-Policy")?.hasPrefix("default-src 'none';") == true)
        #expect(text.contains("<h1>martlet-test \(BuildVersion.number)</h1>"))
        #expect(text.contains("Tests &lt;everything&gt;."))
        #expect(text.contains("<a href=\"api?a=&quot;1&quot;&amp;b=2\">"))
        #expect(text.contains("<a href=\"metrics\">"))
        #expect(text.contains("<tr><td align=\"left\">&lt;b&gt;</td></tr>"))
        #expect(text.contains("<h2>Others</h2>\n<p>There are none.</p>"))
        #expect(!text.contains("<script"))
        var post = HTTPClientRequest(url: server.url + "/")
        post.method = .POST
        #expect(try await fetch(post).0.status == .methodNotAllowed)
        #expect(try await fetch(HTTPClientRequest(url: server.url + "/other")).0.status == .notFound)
        await server.stop()
        let bare = try await EmbeddedServer(router: Daemon.makeRouter())
        #expect(try await fetch(HTTPClientRequest(url: bare.url + "/")).0.status == .notFound)
        await bare.stop()
    }

    @Test(
        "what a page of another site makes a browser send changes nothing",
        arguments: [
            (["Origin": "http://evil.example"], 403), (["Origin": "null"], 403),
            (["Sec-Fetch-Site": "cross-site"], 403), (["Sec-Fetch-Site": "same-site", "Origin": "http://HOST"], 403),
            (["Origin": "http://HOST"], 200), (["Sec-Fetch-Site": "same-origin"], 200),
            (["Sec-Fetch-Site": "none"], 200), ([:], 200),
            (["Origin": "https://graphs.example", "X-Forwarded-Host": "graphs.example"], 200),
        ])
    func crossSite(fields: [String: String], status: Int) async throws {
        try await withServer { router in
            router.post("/write") { _, _ in "written" }
            router.get("/read") { _, _ in "read" }
        } _: { server in
            for path in ["/write", "/-/reload"] {
                var request = HTTPClientRequest(url: server.url + path)
                request.method = .POST
                for (name, value) in fields {
                    let value = value.replacingOccurrences(of: "HOST", with: "\(server.address)")
                    request.headers.add(name: name, value: value)
                }
                let (answer, text) = try await fetch(request)
                #expect(answer.status.code == UInt(status))
                if status == 403 { #expect(text.hasPrefix("a page of another site sent this POST")) }
            }
            var read = HTTPClientRequest(url: server.url + "/read")
            for (name, value) in fields { read.headers.add(name: name, value: value) }
            try await #expect(fetch(read).0.status == .ok)
        }
    }

    @Test("tells a wrong path from a wrong method")
    func unrouted() async throws {
        try await withServer { router in
            router.get("/both") { _, _ in "get" }
            router.post("/both") { _, _ in "post" }
        } _: { server in
            let (missing, text) = try await fetch(HTTPClientRequest(url: server.url + "/nothing"))
            #expect(missing.status == .notFound)
            #expect(text == "404 page not found\n")
            var request = HTTPClientRequest(url: server.url + "/both")
            request.method = .DELETE
            let (refused, _) = try await fetch(request)
            #expect(refused.status == .methodNotAllowed)
            #expect(refused.headers.first(name: "Allow") == "GET, HEAD, POST")
        }
    }

    @Test("refuses a body beyond its limit, announced or not", arguments: [true, false])
    func bodyLimit(announced: Bool) async throws {
        try await withServer { router in
            router.post("/push") { request, context in
                let body = try await requestBody(request, context, limit: 1000)
                return "\(body.readableBytes)"
            }
        } _: { server in
            for (size, status) in [(1000, HTTPResponse.Status.ok), (1001, .contentTooLarge)] {
                var request = HTTPClientRequest(url: server.url + "/push")
                request.method = .POST
                let bytes = ByteBuffer(repeating: 65, count: size)
                request.body = announced ? .bytes(bytes) : .stream([bytes].async, length: .unknown)
                let (response, _) = try await fetch(request)
                #expect(Int(response.status.code) == status.code)
            }
        }
    }
}

extension Array where Element: Sendable {
    /// The elements as an asynchronous sequence.
    var async: AsyncStream<Element> {
        AsyncStream { continuation in
            for element in self { continuation.yield(element) }
            continuation.finish()
        }
    }
}
