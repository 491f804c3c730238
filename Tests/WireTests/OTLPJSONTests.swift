import Testing
import Wire

@Suite("OTLP/JSON")
struct OTLPJSONTests {
    private func span(_ members: String) throws -> OTLP.Span {
        let body = #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"# + members + "}]}]}]}"
        let traces = try OTLP.Traces(json: Array(body.utf8))
        return try #require(traces.resourceSpans.first?.scopeSpans.first?.spans.first)
    }

    @Test("takes hex ids of any case, 64-bit numbers as strings or numbers, enums by number or name")
    func spellings() throws {
        let span = try span(
            #"""
            "traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174","kind":"SPAN_KIND_CLIENT",
            "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":1544712661000000000,
            "status":{"code":2},"unknown":{"deep":[1,{}]},"trace_id":"ignored","name":null,
            "attributes":[{"key":"n","value":{"intValue":"12"}},{"key":"m","value":{"intValue":13}},
            {"key":"d","value":{"doubleValue":"NaN"}},{"key":"b","value":{"bytesValue":"AP8B"}}]
            """#)
        #expect(span.traceID == OTLPSamples.traceID)
        #expect(span.spanID == OTLPSamples.spanID)
        #expect(span.kind == 3)
        #expect(span.startTimeUnixNano == 1_544_712_660_000_000_000)
        #expect(span.endTimeUnixNano == 1_544_712_661_000_000_000)
        #expect(span.status.code == 2)
        #expect(span.name.isEmpty)
        #expect(span.attributes.first("n") == 12)
        #expect(span.attributes.first("m") == 13)
        #expect(span.attributes.first("b") == .bytes(ByteString([0, 255, 1])))
        guard case .double(let value) = span.attributes.first("d") else {
            Issue.record("not a double")
            return
        }
        #expect(value.isNaN)
    }

    @Test(
        "refuses what the mapping does not allow",
        arguments: [
            #""traceId":"5B8EFFF798038103D269B633813FC60""#, #""spanId":"xyz""#, #""kind":"SPAN_KIND_NONE""#,
            #""startTimeUnixNano":"-1""#, #""startTimeUnixNano":1.5"#, #""flags":4294967296"#, #""name":7"#,
            #""attributes":{}"#, #""attributes":[{"key":"b","value":{"bytesValue":"*"}}]"#,
        ])
    func refusals(members: String) {
        #expect(throws: WireError.self) { try span(members) }
    }

    @Test("writes ids in hex and enums as numbers, or as Tempo answers in base64 and by name")
    func styles() {
        let traces = OTLP.Traces(resourceSpans: [
            .init(scopeSpans: [
                .init(spans: [.init(traceID: .init(high: 0, low: 1), kind: 2, startTimeUnixNano: 5)])
            ])
        ])
        let head = #"{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[{"traceId":""#
        let otlp = String(decoding: traces.json(), as: UTF8.self)
        #expect(
            otlp == head + #"00000000000000000000000000000001","kind":2,"startTimeUnixNano":"5","status":{}}]}]}]}"#)
        let tempo = String(decoding: traces.json(style: .tempo), as: UTF8.self)
        #expect(
            tempo == head
                + #"AAAAAAAAAAAAAAAAAAAAAQ==","kind":"SPAN_KIND_SERVER","startTimeUnixNano":"5","status":{}}]}]}]}"#)
    }

    @Test("nested deeper than the limit is refused")
    func depth() {
        let body = String(repeating: #"{"resourceSpans":["#, count: 200)
        #expect(throws: WireError.self) { try OTLP.Traces(json: Array(body.utf8)) }
        let unknown = #"{"x":"# + String(repeating: "[", count: 100_000)
        #expect(throws: WireError.tooDeep(limit: 100)) { try OTLP.Traces(json: Array(unknown.utf8)) }
    }
}
