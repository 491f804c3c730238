import AsyncHTTPClient
import Compression
import Hummingbird
import NIOCore
import NIOHTTP1
import Service
import Testing

@Suite("Content encodings")
struct EncodingTests {
    private func withServer(memory: Int = 256 << 20, _ body: (EmbeddedServer) async throws -> Void) async throws {
        let router = Daemon.makeRouter()
        router.post("/push") { request, context in
            "\(try await requestBody(request, context, limit: 1 << 20).readableBytes)"
        }
        router.post("/large") { request, context in
            "\(try await requestBody(request, context, limit: 64 << 20, limitKey: "--max").readableBytes)"
        }
        router.get("/text/{size}") { _, context in
            let size = try context.parameters.require("size", as: Int.self)
            return Response(
                status: .ok, headers: [.contentType: "application/json", .eTag: "\"v1\""],
                body: .init(byteBuffer: ByteBuffer(repeating: 65, count: size)))
        }
        router.get("/stream") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain"],
                body: ResponseBody { writer in
                    for part in 0..<100 { try await writer.write(ByteBuffer(string: "part \(part)\n")) }
                    try await writer.finish(nil)
                })
        }
        router.get("/image") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "image/png"],
                body: .init(byteBuffer: ByteBuffer(repeating: 1, count: 10_000)))
        }
        let server = try await EmbeddedServer(router: router, server: "martlet-metrics", memoryLimit: memory)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// The shared client would decode what these tests want to see encoded.
    private static let client = HTTPClient(configuration: .init())

    private func execute(
        _ server: EmbeddedServer, _ path: String, method: HTTPMethod = .GET, headers: HTTPHeaders = [:],
        body: [UInt8]? = nil
    ) async throws -> (HTTPClientResponse, [UInt8]) {
        var request = HTTPClientRequest(url: server.url + path)
        request.method = method
        request.headers = headers
        if let body { request.body = .bytes(body) }
        let response = try await Self.client.execute(request, timeout: .seconds(120))
        return (response, Array(buffer: try await response.body.collect(upTo: 64 << 20)))
    }

    private static func encode(_ bytes: [UInt8], _ encoding: String) throws -> [UInt8] {
        try bytes.withUnsafeBytes { raw in
            switch encoding {
            case "gzip", "x-gzip": try Gzip.compress(raw)
            case "deflate": try Gzip.compress(raw, container: .zlib)
            case "zstd": try Zstd.compress(raw)
            default: bytes
            }
        }
    }

    @Test("request bodies are decoded", arguments: ["gzip", "x-gzip", "deflate", "zstd", "identity", "snappy"])
    func decodes(encoding: String) async throws {
        try await withServer { server in
            for size in [0, 10, 100_000] where size > 0 || encoding == "identity" {
                let body = try Self.encode([UInt8](repeating: 66, count: size), encoding)
                let (response, text) = try await execute(
                    server, "/push", method: .POST, headers: ["Content-Encoding": encoding], body: body)
                #expect(response.status == .ok)
                #expect(String(decoding: text, as: UTF8.self) == "\(size)")
            }
        }
    }

    @Test("a bomb gets 413, rubbish 400, an unknown encoding 415", arguments: ["gzip", "deflate", "zstd"])
    func refuses(encoding: String) async throws {
        try await withServer { server in
            let bomb = try Self.encode([UInt8](repeating: 0, count: 64 << 20), encoding)
            let (large, _) = try await execute(
                server, "/push", method: .POST, headers: ["Content-Encoding": encoding], body: bomb)
            #expect(large.status == .payloadTooLarge)
            let (corrupt, _) = try await execute(
                server, "/push", method: .POST, headers: ["Content-Encoding": encoding],
                body: Array("no such data".utf8))
            #expect(corrupt.status == .badRequest)
            let (unknown, _) = try await execute(
                server, "/push", method: .POST, headers: ["Content-Encoding": "br"], body: [1, 2, 3])
            #expect(unknown.status == .unsupportedMediaType)
        }
    }

    @Test("what decompresses to more than the memory limit allows gets 503", arguments: ["gzip", "deflate", "zstd"])
    func noMemory(encoding: String) async throws {
        try await withServer(memory: 4 << 20) { server in
            let body = try Self.encode([UInt8](repeating: 0, count: 32 << 20), encoding)
            let (response, text) = try await execute(
                server, "/large", method: .POST, headers: ["Content-Encoding": encoding], body: body)
            #expect(response.status == .serviceUnavailable)
            #expect(response.headers.first(name: "Retry-After") == "1")
            #expect(String(decoding: text, as: UTF8.self).contains("raise --memory.limit"))
            // What was taken is given back.
            let small = try Self.encode([UInt8](repeating: 0, count: 100_000), encoding)
            for _ in 0..<50 {
                let (next, _) = try await execute(
                    server, "/large", method: .POST, headers: ["Content-Encoding": encoding], body: small)
                #expect(next.status == .ok)
            }
        }
    }

    @Test("a gzip body whose trailer is wrong gets 400, and a limit names its key")
    func trailer() async throws {
        try await withServer { server in
            var body = try Self.encode(Array("some text".utf8), "gzip")
            body[body.count - 6] ^= 1
            let (response, _) = try await execute(
                server, "/push", method: .POST, headers: ["Content-Encoding": "gzip"], body: body)
            #expect(response.status == .badRequest)
            let bomb = try Self.encode([UInt8](repeating: 0, count: 65 << 20), "gzip")
            let (large, text) = try await execute(
                server, "/large", method: .POST, headers: ["Content-Encoding": "gzip"], body: bomb)
            #expect(large.status == .payloadTooLarge)
            #expect(String(decoding: text, as: UTF8.self).hasSuffix("raise --max\n"))
        }
    }

    @Test("answers are compressed for clients that take it, when it is worthwhile")
    func compresses() async throws {
        try await withServer { server in
            let gzip: HTTPHeaders = ["Accept-Encoding": "deflate, gzip;q=0.5"]
            let (large, bytes) = try await execute(server, "/text/500000", headers: gzip)
            #expect(large.headers.first(name: "Content-Encoding") == "gzip")
            #expect(large.headers.first(name: "ETag") == "W/\"v1\"")
            #expect(bytes.count < 5000)
            let plain = try bytes.withUnsafeBytes { try Gzip.decompress($0, limit: 1 << 20) }
            #expect(plain == [UInt8](repeating: 65, count: 500_000))

            let (small, _) = try await execute(server, "/text/100", headers: gzip)
            #expect(small.headers.first(name: "Content-Encoding") == nil)
            #expect(small.headers.first(name: "Vary") == "Accept-Encoding")
            let (image, _) = try await execute(server, "/image", headers: gzip)
            #expect(image.headers.first(name: "Content-Encoding") == nil)
            let (refused, _) = try await execute(server, "/text/5000", headers: ["Accept-Encoding": "gzip;q=0, *"])
            #expect(refused.headers.first(name: "Content-Encoding") == nil)

            let (stream, parts) = try await execute(server, "/stream", headers: gzip)
            #expect(stream.headers.first(name: "Content-Encoding") == "gzip")
            let text = try parts.withUnsafeBytes { try Gzip.decompress($0, limit: 1 << 20) }
            #expect(String(decoding: text, as: UTF8.self).hasSuffix("part 99\n"))
        }
    }

    @Test("requests are counted and timed under Prometheus' names")
    func counted() async throws {
        try await withServer { server in
            _ = try await execute(server, "/text/10")
            _ = try await execute(server, "/nothing")
            _ = try await execute(server, "/-/healthy")
            let (_, bytes) = try await execute(server, "/metrics")
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("prometheus_http_requests_total{code=\"200\",handler=\"/text/:size\"} 1\n"))
            #expect(text.contains("prometheus_http_requests_total{code=\"404\",handler=\"not_found\"} 1\n"))
            #expect(text.contains("prometheus_http_requests_total{code=\"200\",handler=\"/-/healthy\"} 1\n"))
            #expect(
                text.contains(
                    "prometheus_http_request_duration_seconds_bucket{handler=\"/text/:size\",le=\"+Inf\"} 1\n"))
            let (open, end) = try await execute(
                server, "/metrics", headers: ["Accept": "application/openmetrics-text;version=1.0.0"])
            #expect(open.headers.first(name: "Content-Type")?.hasPrefix("application/openmetrics-text") == true)
            #expect(String(decoding: end, as: UTF8.self).hasSuffix("# EOF\n"))
        }
    }
}
