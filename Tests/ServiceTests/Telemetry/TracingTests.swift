import AsyncHTTPClient
import Hummingbird
import NIOCore
import NIOHTTP1
import Service
import Synchronization
import Testing
import Tracing
import Wire

@Suite("Own traces")
struct TracingTests {
    /// Runs a server with a tracer, and a collector that its spans are exported to.
    private func spans(
        untraced: [String] = [], _ body: (EmbeddedServer) async throws -> Void
    ) async throws -> [OTLP.Span] {
        let received = Mutex<[OTLP.Span]>([])
        let collector = Daemon.makeRouter()
        collector.post("/v1/traces") { request, context in
            let bytes = Array(buffer: try await requestBody(request, context, limit: 1 << 20))
            let traces = try OTLP.Traces(protobuf: bytes)
            received.withLock { $0 += traces.resourceSpans.flatMap { $0.scopeSpans.flatMap(\.spans) } }
            return ""
        }
        let sink = try await EmbeddedServer(router: collector)
        let tracer = SpanTracer()
        let router = Daemon.makeRouter()
        router.get("/work/{id}") { _, _ in
            let span = tracer.startSpan("inner")
            span.attributes["n"] = 3
            span.end()
            return "done"
        }
        router.get("/fails") { _, _ -> String in throw HTTPFailure(.badGateway, "no") }
        router.post("/ingest/x") { _, _ in
            tracer.startSpan("inner").end()
            return "stored"
        }
        let server = try await EmbeddedServer(router: router, tracer: tracer, untraced: untraced)
        try await body(server)
        try await tracer.export(to: sink.url, server: "test")
        await server.stop()
        await sink.stop()
        return received.withLock { $0 }
    }

    private func get(_ url: String, method: HTTPMethod = .GET, parent: String? = nil) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = method
        if let parent { request.headers.add(name: "traceparent", value: parent) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        _ = try await response.body.collect(upTo: 1 << 20)
    }

    @Test("a request is a server span under its route's name, with the spans inside it below")
    func server() async throws {
        let spans = try await spans { try await get($0.url + "/work/7") }
        let root = try #require(spans.first { $0.kind == 2 })
        let inner = try #require(spans.first { $0.kind == 1 })
        #expect("\(root.name)" == "GET /work/{id}")
        #expect(root.parentSpanID.isZero)
        #expect(root.attributes.first("http.response.status_code") == .int(200))
        #expect(inner.traceID == root.traceID)
        #expect(inner.parentSpanID == root.spanID)
        #expect(inner.attributes.first("n") == .int(3))
    }

    @Test("a client's traceparent is the parent; one that is not sampled records nothing")
    func parent() async throws {
        let spans = try await spans { server in
            try await get(server.url + "/work/1", parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
            try await get(server.url + "/work/1", parent: "00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-00")
        }
        #expect(spans.count == 2)
        let root = try #require(spans.first { $0.kind == 2 })
        #expect("\(root.traceID)" == "0af7651916cd43dd8448eb211c80319c")
        #expect("\(root.parentSpanID)" == "b7ad6b7169203331")
    }

    @Test(
        "a malformed traceparent begins a new trace",
        arguments: [
            "", "00-0-0-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        ])
    func malformed(parent: String) async throws {
        let spans = try await spans { try await get($0.url + "/work/1", parent: parent) }
        #expect(spans.first { $0.kind == 2 }?.parentSpanID.isZero == true)
    }

    @Test("failures are marked, unrouted requests have no route")
    func failures() async throws {
        let spans = try await spans { server in
            try await get(server.url + "/fails")
            try await get(server.url + "/nowhere")
        }
        #expect(spans.first { "\($0.name)" == "GET /fails" }?.status.code == 2)
        #expect(spans.first { "\($0.name)" == "GET" }?.status.code == 0)
    }

    @Test("excluded routes and built-in endpoints record nothing, nor does what they do")
    func excluded() async throws {
        let spans = try await spans(untraced: ["/ingest"]) { server in
            try await get(server.url + "/ingest/x", method: .POST)
            try await get(server.url + "/metrics")
            try await get(server.url + "/-/ready")
        }
        #expect(spans.isEmpty)
    }
}
