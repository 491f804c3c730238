import AsyncHTTPClient
import CMessages
import NIOCore
import NIOHTTP1
import Testing
import Wire

/// The calls themselves; what HTTP/2 does with them is seen end to end. Over HTTP/1 the messages are the same, and the
/// trailers stand behind the last chunk.
@Suite("Tempo's query API over gRPC")
struct StreamingTests {
    /// A trace a second, with one span of one service.
    private static func trace(_ number: UInt64, _ service: String) -> OTLP.Traces {
        let start: UInt64 = 1_700_000_000_000_000_000 + number * 1_000_000_000
        let span = OTLP.Span(
            traceID: OTLP.TraceID(high: 0, low: number), spanID: OTLP.SpanID(number), name: "work",
            startTimeUnixNano: start, endTimeUnixNano: start + 5_000_000,
            attributes: [OTLP.KeyValue(key: "n", value: .int(Int64(number)))])
        let resource = OTLP.Resource(
            attributes: [OTLP.KeyValue(key: "service.name", value: .string(ByteString(service)))])
        return OTLP.Traces(resourceSpans: [
            OTLP.ResourceSpans(resource: resource, scopeSpans: [OTLP.ScopeSpans(spans: [span])])
        ])
    }

    private static let traces = [trace(1, "shop"), trace(2, "stock"), trace(3, "shop")]

    /// The messages that a call is answered with.
    private func ask(
        _ url: String, _ call: String, _ headers: [(String, String)] = [], _ question: (inout ProtoWriter) -> Void
    ) async throws -> [[UInt8]] {
        var writer = ProtoWriter()
        question(&writer)
        var body = ByteBuffer()
        body.writeInteger(UInt8(0))
        body.writeInteger(UInt32(writer.bytes.count))
        body.writeBytes(writer.bytes)
        var request = HTTPClientRequest(url: "\(url)/tempopb.StreamingQuerier/\(call)")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/grpc+proto")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(body)
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        #expect(response.status == .ok)
        #expect(response.headers.first(name: "Content-Type") == "application/grpc")
        var answer = try await response.body.collect(upTo: 64 << 20)
        var messages: [[UInt8]] = []
        while let flag = answer.readInteger(as: UInt8.self) {
            #expect(flag == 0)
            let length = answer.readInteger(as: UInt32.self).map(Int.init)
            let message = length.flatMap { answer.readBytes(length: $0) }
            messages.append(try #require(message))
        }
        return messages
    }

    private func text(_ data: ProtobufCBinaryData) -> String { String(decoding: data.buffer, as: UTF8.self) }

    @Test("a search ends with the newest traces and says that all is done")
    func search() async throws {
        try await QueryServer.serving(Self.traces) { url in
            let messages = try await ask(url, "Search") {
                $0.string(8, "{ span.n > 0 }")
                $0.uint64(4, 2)
            }
            let last = try #require(messages.last)
            try last.withUnsafeBytes { bytes in
                try CMessage.withUnpacked(
                    bytes, martlet_schema_tempo_search_response(), as: Martlet__Tempo__SearchResponse.self
                ) { (message) throws(WireError) in
                    let traces = (0..<message.n_traces).compactMap { message.traces[$0]?.pointee }
                    #expect(traces.map { text($0.trace_id) } == ["3", "2"])
                    #expect(traces.map { text($0.root_service_name) } == ["shop", "stock"])
                    #expect(traces.map(\.start_time_unix_nano).first == 1_700_000_003_000_000_000)
                    let set = traces.first?.span_sets[0]?.pointee
                    #expect(set?.matched == 1)
                    let attribute = set?.spans[0]?.pointee.attributes[0]?.pointee
                    #expect(attribute.map { text($0.key) } == "n")
                    #expect(attribute?.value.pointee.int_value == 3)
                    let metrics = message.metrics?.pointee
                    #expect(metrics?.completed_jobs == metrics?.total_jobs)
                    #expect(metrics?.total_jobs ?? 0 > 0)
                }
            }
        }
    }

    @Test("tags and values")
    func tags() async throws {
        try await QueryServer.serving(Self.traces) { url in
            let values = try await ask(url, "SearchTagValuesV2") {
                $0.string(1, "resource.service.name")
                $0.string(2, "{ span.n = 2 }")
            }
            try #require(values.last).withUnsafeBytes { bytes in
                try CMessage.withUnpacked(
                    bytes, martlet_schema_tempo_tag_values_v2_response(),
                    as: Martlet__Tempo__SearchTagValuesV2Response.self
                ) { (message) throws(WireError) in
                    #expect(message.n_tag_values == 1)
                    #expect(message.tag_values[0].map { text($0.pointee.value) } == "stock")
                    #expect(message.tag_values[0].map { text($0.pointee.type) } == "string")
                }
            }
            let scopes = try await ask(url, "SearchTagsV2") { $0.string(1, "span") }
            try #require(scopes.last).withUnsafeBytes { bytes in
                try CMessage.withUnpacked(
                    bytes, martlet_schema_tempo_tags_v2_response(), as: Martlet__Tempo__SearchTagsV2Response.self
                ) { (message) throws(WireError) in
                    #expect(message.n_scopes == 1)
                    #expect(message.scopes[0].map { text($0.pointee.tags[0]) } == "n")
                }
            }
        }
    }

    @Test("metrics over a range and for an instant")
    func metrics() async throws {
        try await QueryServer.serving(Self.traces) { url in
            func question(_ writer: inout ProtoWriter) {
                writer.string(1, "{ } | count_over_time() by (resource.service.name)")
                writer.uint64(2, 1_700_000_000_000_000_000)
                writer.uint64(3, 1_700_000_060_000_000_000)
            }
            let range = try await ask(url, "MetricsQueryRange") {
                question(&$0)
                $0.uint64(4, 60_000_000_000)
            }
            try #require(range.last).withUnsafeBytes { bytes in
                try CMessage.withUnpacked(
                    bytes, martlet_schema_tempo_range_response(), as: Martlet__Tempo__QueryRangeResponse.self
                ) { (message) throws(WireError) in
                    #expect(message.n_series == 2)
                    guard let series = message.series[0]?.pointee else { return }
                    #expect(series.labels[0].map { text($0.pointee.key) } == "resource.service.name")
                    let sum = (0..<series.n_samples).reduce(0.0) { $0 + (series.samples[$1]?.pointee.value ?? 0) }
                    #expect(sum == 2)
                }
            }
            let instant = try await ask(url, "MetricsQueryInstant", [], question)
            try #require(instant.last).withUnsafeBytes { bytes in
                try CMessage.withUnpacked(
                    bytes, martlet_schema_tempo_instant_response(), as: Martlet__Tempo__QueryInstantResponse.self
                ) { (message) throws(WireError) in
                    #expect((0..<message.n_series).map { message.series[$0]?.pointee.value } == [2, 1])
                }
            }
        }
    }

    @Test("what is refused has no message: bad queries, other tenants, unknown calls, bad deadlines")
    func refused() async throws {
        try await QueryServer.serving(Self.traces, multitenant: true) { url in
            let tenant = [("X-Scope-OrgID", "team")]
            func count(_ call: String, _ query: String, _ headers: [(String, String)]) async throws -> Int {
                try await ask(url, call, headers) { $0.string(8, query) }.count
            }
            let taken = try await count("Search", "{ }", tenant)
            #expect(taken == 1)
            let patient = try await count("Search", "{ }", tenant + [("grpc-timeout", "20S")])
            #expect(patient == 1)
            for (call, query, headers) in [
                ("Search", "{ name = ", tenant), ("Search", "{ }", []), ("FindTraceByID", "{ }", tenant),
                ("Search", "{ }", tenant + [("grpc-timeout", "1x")]),
            ] {
                let messages = try await count(call, query, headers)
                #expect(messages == 0, "\(call) \(query) \(headers)")
            }
        }
    }
}
