import AsyncHTTPClient
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import OTLPReceiver
import Service
import Testing
import Wire

@Suite("OTLP over HTTP")
struct OTLPHTTPRoutesTests {
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    static let traces = OTLP.Traces(resourceSpans: [
        .init(scopeSpans: [.init(spans: [.init(traceID: .init(high: 1, low: 2), spanID: .init(3), name: "s")])])
    ])

    struct Answer {
        var status: UInt
        var headers: [String: String] = [:]
        var body: [UInt8] = []
    }

    private func post(
        _ path: String, _ body: [UInt8], type: String? = "application/x-protobuf", headers: [(String, String)] = [],
        to sink: any OTLPSink, limits: OTLPReceiverLimits = OTLPReceiverLimits()
    ) async throws -> Answer {
        let router = Daemon.makeRouter()
        OTLPHTTPRoutes(sink: sink, limits: limits, logger: Self.quiet).register(on: router)
        let server = try await EmbeddedServer(router: router)
        var request = HTTPClientRequest(url: server.url + path)
        request.method = .POST
        if let type { request.headers.add(name: "Content-Type", value: type) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(body)
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        var answer = Answer(status: response.status.code)
        for header in response.headers { answer.headers[header.name.lowercased()] = header.value }
        answer.body = [UInt8](try await response.body.collect(upTo: 1 << 20).readableBytesView)
        await server.stop()
        return answer
    }

    @Test("takes protobuf and answers an empty response")
    func protobuf() async throws {
        let sink = RecordingSink()
        let answer = try await post(
            "/v1/traces", Self.traces.protobuf(), headers: [("X-Scope-OrgID", "team")], to: sink)
        #expect(answer.status == 200)
        #expect(answer.body.isEmpty)
        #expect(answer.headers["content-type"] == "application/x-protobuf")
        #expect(sink.state.withLock { $0.traces } == [Self.traces])
        #expect(sink.state.withLock { $0.tenants } == ["team"])
    }

    @Test("takes JSON, also for a sink that wants protobuf")
    func json() async throws {
        let sink = RecordingSink()
        let answer = try await post(
            "/v1/traces", Self.traces.json(), type: "application/json; charset=utf-8", to: sink)
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == #"{"partialSuccess":{}}"#)
        #expect(sink.state.withLock { $0.traces } == [Self.traces])

        let logs = OTLP.Logs(resourceLogs: [.init(scopeLogs: [.init(logRecords: [.init(body: "line")])])])
        _ = try await post("/v1/logs", logs.json(), type: "application/json", to: sink)
        #expect(sink.state.withLock { $0.raw } == [logs.protobuf()])
    }

    @Test("tells what part was refused")
    func partialSuccess() async throws {
        let sink = RecordingSink(partial: .init(rejected: 2, message: "too old"))
        let answer = try await post("/v1/traces", Self.traces.protobuf(), to: sink)
        #expect(answer.status == 200)
        let response = try answer.body.withUnsafeBytes { try OTLP.ExportResponse(.traces, protobuf: $0) }
        #expect(response.partialSuccess == .init(rejected: 2, message: "too old"))
        let json = try await post("/v1/traces", Self.traces.json(), type: "application/json", to: sink)
        #expect(
            String(decoding: json.body, as: UTF8.self)
                == #"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}"#)
    }

    @Test(
        "refuses with google.rpc.Status in the request's encoding",
        arguments: [
            (OTLPRefusal.invalid("bad"), 400, RPCStatus.Code.invalidArgument, nil),
            (.exhausted("slow down", retryAfterSeconds: 5), 429, .resourceExhausted, "5"),
            (.unavailable("full", retryAfterSeconds: 7), 503, .unavailable, "7"),
            (.init(.failed, "broken"), 500, .internal, nil), (.unimplemented("no"), 404, .unimplemented, nil),
        ] as [(OTLPRefusal, UInt, RPCStatus.Code, String?)])
    func refusals(refusal: OTLPRefusal, status: UInt, code: RPCStatus.Code, retryAfter: String?) async throws {
        let sink = RecordingSink(refusal: refusal)
        let answer = try await post("/v1/traces", Self.traces.protobuf(), to: sink)
        #expect(answer.status == status)
        #expect(answer.headers["retry-after"] == retryAfter)
        let body = try answer.body.withUnsafeBytes { try RPCStatus(protobuf: $0) }
        #expect(body.code == code)
        #expect(body.message == refusal.message)
        #expect(body.retryAfterMilliseconds == retryAfter.flatMap { Int64($0) }.map { $0 * 1000 })
    }

    @Test("malformed data is the sender's fault, anything unexpected the server's")
    func faults() async throws {
        let garbage = try await post("/v1/traces", [0xff, 0xff], to: RecordingSink())
        #expect(garbage.status == 400)
        let json = try await post("/v1/traces", Array("{".utf8), type: "application/json", to: RecordingSink())
        #expect(json.status == 400)
        #expect(String(decoding: json.body, as: UTF8.self).hasPrefix(#"{"code":3,"message":""#))
        struct Oops: Error {}
        let failed = try await post("/v1/traces", Self.traces.protobuf(), to: RecordingSink(refusal: Oops()))
        #expect(failed.status == 500)
        let text = String(decoding: failed.body, as: UTF8.self)
        #expect(!text.contains("Oops"))
    }

    @Test("wrong method, path and content type")
    func misdirected() async throws {
        let type = try await post("/v1/traces", [], type: "text/plain", to: RecordingSink())
        #expect(type.status == 415)
        #expect(try await post("/v1/traces", [], type: nil, to: RecordingSink()).status == 415)
        #expect(try await post("/v1/other", [], to: RecordingSink()).status == 404)
        #expect(try await post("/v1/metrics", [], to: RecordingSink()).status == 404)
    }

    @Test("a body over the limit is 413 and names the key")
    func tooLarge() async throws {
        let limits = OTLPReceiverLimits(requestBytes: 100, requestBytesKey: "--otlp.max")
        let answer = try await post(
            "/v1/traces", [UInt8](repeating: 0, count: 101), to: RecordingSink(), limits: limits)
        #expect(answer.status == 413)
        let status = try answer.body.withUnsafeBytes { try RPCStatus(protobuf: $0) }
        #expect(status.code == .resourceExhausted)
        #expect(status.message == "the request exceeds the limit of 100 bytes; raise --otlp.max")
    }

    @Test("an empty request is a success")
    func empty() async throws {
        #expect(try await post("/v1/traces", [], to: RecordingSink()).status == 200)
        #expect(
            try await post("/v1/traces", Array("{}".utf8), type: "application/json", to: RecordingSink()).status == 200)
    }
}
