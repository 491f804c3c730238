import AsyncHTTPClient
import Compression
import MartletCore
import NIOCore
import NIOHTTP1
import Service
import Testing
import Wire

@Suite("Answering remote read")
struct RemoteReadAPITests {
    private func ask(
        _ fixture: ServerFixture, _ name: String, _ types: [Int32], from start: Int64? = nil
    ) async throws -> (status: Int, type: String, body: [UInt8]) {
        var query = RemoteRead.Request.Query()
        (query.startMs, query.endMs) = (start ?? fixture.now - 60_000, fixture.now)
        query.matchers = [.init(name: "__name__", value: name)]
        var wanted = RemoteRead.Request()
        wanted.queries = [query]
        wanted.acceptedTypes = types
        var request = HTTPClientRequest(url: fixture.server.url + "/api/v1/read")
        request.method = .POST
        request.headers.add(name: "content-encoding", value: "snappy")
        request.body = .bytes(ByteBuffer(bytes: try wanted.protobuf().withUnsafeBytes { try Snappy.compress($0) }))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let body = try await response.body.collect(upTo: 16 << 20)
        return (
            Int(response.status.code), response.headers.first(name: "content-type") ?? "", Array(body.readableBytesView)
        )
    }

    @Test("samples come as one message where nothing else is asked for")
    func samples() async throws {
        try await withServer { fixture in
            _ = try await fixture.write([("a", fixture.now - 1000, 1.5), ("b", fixture.now, 2)])
            let answer = try await ask(fixture, "a", [])
            #expect(answer.status == 200)
            #expect(answer.type == "application/x-protobuf")
            let message = try answer.body.withUnsafeBytes { try Snappy.decompress($0, limit: 1 << 20) }
            let results = try message.withUnsafeBytes { try RemoteRead.results($0) }
            #expect(results.map(\.count) == [1])
            #expect(results[0][0].labels == Labels([("__name__", "a"), ("job", "j")]))
            #expect(results[0][0].samples == [.init(timestamp: fixture.now - 1000, value: 1.5)])
        }
    }

    @Test("chunks are streamed to those who take them")
    func chunks() async throws {
        try await withServer { fixture in
            _ = try await fixture.write((0..<300).map { ("a", fixture.now - 300 + Int64($0), Double($0)) })
            let answer = try await ask(fixture, "a", [1, 0])
            #expect(answer.type == "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse")
            var position = 0
            let frame = try #require(try ReadFrames.next(answer.body, from: &position, limit: 1 << 20))
            #expect(position == answer.body.count)
            #expect(frame.query == 0)
            #expect(frame.series.first?.chunks.map(\.encoding) == [1, 1, 1])
            #expect(frame.series.first?.chunks.first?.minTimeMs == fixture.now - 300)
            #expect(frame.series.first?.chunks.last?.maxTimeMs == fixture.now - 1)
            let none = try await ask(fixture, "nothing", [1])
            #expect(none.status == 200 && none.body.isEmpty)
        }
    }

    @Test("a stream takes the time that its reader takes, whatever a query may take")
    func unhurried() async throws {
        try await withServer(["--query.timeout", "1ms"]) { fixture in
            _ = try await fixture.write((0..<300).map { ("a", fixture.now - 300 + Int64($0), Double($0)) })
            let answer = try await ask(fixture, "a", [1])
            #expect(answer.status == 200)
            var position = 0
            let frame = try #require(try ReadFrames.next(answer.body, from: &position, limit: 1 << 20))
            #expect(frame.series.first?.chunks.last?.maxTimeMs == fixture.now - 1)
        }
    }

    @Test("what cannot be answered is refused: unknown kinds of answers, too many samples, no request at all")
    func refused() async throws {
        try await withServer(["--storage.remote.read-sample-limit", "2"]) { fixture in
            _ = try await fixture.write((0..<3).map { ("a", fixture.now - 300 + Int64($0), 1) })
            let unknown = try await ask(fixture, "a", [9])
            #expect(unknown.status == 400)
            #expect(String(decoding: unknown.body, as: UTF8.self).contains("SAMPLES, STREAMED_XOR_CHUNKS"))
            let many = try await ask(fixture, "a", [0])
            #expect(many.status == 400)
            #expect(String(decoding: many.body, as: UTF8.self).contains("exceeded sample limit (2)"))
            let wrong = try await fixture.post("/api/v1/read", [1, 2, 3])
            #expect(wrong.status == 400)
        }
    }
}
