import AsyncHTTPClient
import Compression
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import OTLPReceiver
import Service
import Testing
import Wire

@Suite("Zipkin's and Jaeger's spans over HTTP")
struct SpanHTTPRoutesTests {
    private static let zipkin = Array(#"[{"traceId":"ab","id":"1","name":"n","timestamp":5,"tags":{"k":"7"}}]"#.utf8)
    /// A batch of one span: trace id ab, span id 1, operation n.
    private static let thrift: [UInt8] =
        [15, 0, 2, 12, 0, 0, 0, 1] + [10, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xAB] + [10, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1]
        + [11, 0, 5, 0, 0, 0, 1, 0x6E] + [0, 0]

    private struct Answer {
        var status: UInt
        var headers: [String: String] = [:]
        var body = ""
    }

    private func post(
        _ api: SpanHTTPRoutes.API, _ body: [UInt8], query: String = "", type: String? = nil,
        headers: [(String, String)] = [], to sink: any OTLPSink, limits: OTLPReceiverLimits = OTLPReceiverLimits()
    ) async throws -> Answer {
        let router = Daemon.makeRouter()
        SpanHTTPRoutes(api, sink: sink, limits: limits, logger: OTLPHTTPRoutesTests.quiet).register(on: router)
        let server = try await EmbeddedServer(router: router)
        var request = HTTPClientRequest(url: server.url + api.path + query)
        request.method = .POST
        if let type { request.headers.add(name: "Content-Type", value: type) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(body)
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        var answer = Answer(status: response.status.code)
        for header in response.headers { answer.headers[header.name.lowercased()] = header.value }
        answer.body = String(buffer: try await response.body.collect(upTo: 1 << 20))
        await server.stop()
        return answer
    }

    private func span(_ sink: RecordingSink) throws -> OTLP.Span {
        let traces = try #require(sink.state.withLock { $0.traces.first })
        return try #require(traces.resourceSpans.first?.scopeSpans.first?.spans.first)
    }

    @Test(
        "Zipkin's JSON reaches the sink as OTLP, for the tenant of the request", arguments: ["application/json", nil])
    func zipkinJSON(type: String?) async throws {
        let sink = RecordingSink()
        let answer = try await post(
            .zipkin(parsesTags: false), Self.zipkin, type: type, headers: [("X-Scope-OrgID", "team")], to: sink)
        #expect(answer.status == 202)
        #expect(answer.body.isEmpty)
        #expect(try span(sink).traceID == OTLP.TraceID(low: 0xAB))
        #expect(try span(sink).attributes == [OTLP.KeyValue(key: "k", value: "7")])
        #expect(sink.state.withLock { $0.tenants } == ["team"])
    }

    @Test("tags are typed where that is configured")
    func typedTags() async throws {
        let sink = RecordingSink()
        _ = try await post(.zipkin(parsesTags: true), Self.zipkin, to: sink)
        #expect(try span(sink).attributes == [OTLP.KeyValue(key: "k", value: 7)])
    }

    @Test("bodies may be compressed", arguments: ["gzip", "zstd"])
    func compressed(encoding: String) async throws {
        let sink = RecordingSink()
        let body = try Self.zipkin.withUnsafeBytes { bytes in
            try encoding == "gzip" ? Gzip.compress(bytes) : Zstd.compress(bytes)
        }
        let answer = try await post(
            .zipkin(parsesTags: false), body, type: "application/json", headers: [("Content-Encoding", encoding)],
            to: sink)
        #expect(answer.status == 202)
        #expect(try span(sink).name == "n")
    }

    @Test("Zipkin's protobuf")
    func zipkinProtobuf() async throws {
        var list = ProtoWriter()
        list.message(1) { span in
            span.bytes(1, [0, 0, 0, 0, 0, 0, 0, 0xAB])
            span.bytes(3, [0, 0, 0, 0, 0, 0, 0, 1])
            span.string(5, "n")
        }
        let sink = RecordingSink()
        let answer = try await post(
            .zipkin(parsesTags: false), list.bytes, type: "application/x-protobuf", to: sink)
        #expect(answer.status == 202)
        #expect(try span(sink).name == "n")
    }

    @Test(
        "Jaeger's Thrift, under both its names",
        arguments: [
            ("application/x-thrift", "?format=jaeger.thrift"), ("application/vnd.apache.thrift.binary", ""),
        ])
    func thrift(type: String, query: String) async throws {
        let sink = RecordingSink()
        let answer = try await post(.jaeger, Self.thrift, query: query, type: type, to: sink)
        #expect(answer.status == 202)
        #expect(try span(sink).name == "n")
        #expect(try span(sink).traceID == OTLP.TraceID(low: 0xAB))
    }

    @Test("says in a line what part was refused")
    func partialSuccess() async throws {
        let sink = RecordingSink(partial: .init(rejected: 2, message: "too old"))
        let answer = try await post(.zipkin(parsesTags: false), Self.zipkin, to: sink)
        #expect(answer.status == 202)
        #expect(answer.body == "2 spans were refused: too old\n")
    }

    @Test(
        "refuses with the status that OTLP has for the same, and a line of text",
        arguments: [
            (OTLPRefusal.invalid("bad"), 400, nil), (.exhausted("slow down", retryAfterSeconds: 5), 429, "5"),
            (.unavailable("full", retryAfterSeconds: 7), 503, "7"), (.init(.failed, "broken"), 500, nil),
        ] as [(OTLPRefusal, UInt, String?)])
    func refusals(refusal: OTLPRefusal, status: UInt, retryAfter: String?) async throws {
        let answer = try await post(.zipkin(parsesTags: false), Self.zipkin, to: RecordingSink(refusal: refusal))
        #expect(answer.status == status)
        #expect(answer.headers["retry-after"] == retryAfter)
        #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
        #expect(answer.body == refusal.message + "\n")
    }

    @Test("says what is wrong with a body")
    func malformed() async throws {
        let json = try await post(.zipkin(parsesTags: false), Array("{}".utf8), to: RecordingSink())
        #expect(json.status == 400)
        #expect(json.body == "array expected, found object at offset 0\n")
        let thrift = try await post(.jaeger, [0x1C], type: "application/x-thrift", to: RecordingSink())
        #expect(thrift.status == 400)
        #expect(thrift.body == "Thrift type 28 at offset 0\n")
    }

    @Test("types and formats that are not known")
    func unknownTypes() async throws {
        let zipkin = try await post(
            .zipkin(parsesTags: false), Self.thrift, type: "application/x-thrift", to: RecordingSink())
        #expect(zipkin.status == 415)
        let jaeger = try await post(.jaeger, Self.thrift, type: "application/json", to: RecordingSink())
        #expect(jaeger.status == 415)
        let format = try await post(
            .jaeger, Self.thrift, query: "?format=zipkin.thrift", type: "application/x-thrift", to: RecordingSink())
        #expect(format.status == 400)
        #expect(format.body == "format must be jaeger.thrift, not \"zipkin.thrift\"\n")
    }

    @Test("a body over the limit is 413 and names the key")
    func tooLarge() async throws {
        let limits = OTLPReceiverLimits(requestBytes: 20, requestBytesKey: "--otlp.max")
        let answer = try await post(.zipkin(parsesTags: false), Self.zipkin, to: RecordingSink(), limits: limits)
        #expect(answer.status == 413)
        #expect(answer.body == "the request exceeds the limit of 20 bytes; raise --otlp.max\n")
    }

    @Test("what decodes into much more than its bytes is taken as long as the limit allows it")
    func expansion() async throws {
        let body = Array(("[" + Array(repeating: "{}", count: 20_000).joined(separator: ",") + "]").utf8)
        let sink = RecordingSink()
        #expect(try await post(.zipkin(parsesTags: false), body, to: sink).status == 202)
        #expect(sink.state.withLock { $0.traces.first?.count } == 20_000)
        let limits = OTLPReceiverLimits(decoding: DecodeLimits(memory: 1 << 20))
        let refused = try await post(.zipkin(parsesTags: false), body, to: RecordingSink(), limits: limits)
        #expect(refused.status == 413)
        #expect(refused.body == "decoded request in bytes over the limit of 1048576\n")
    }

    @Test("an empty list is a success")
    func empty() async throws {
        #expect(try await post(.zipkin(parsesTags: false), Array("[]".utf8), to: RecordingSink()).status == 202)
    }
}
