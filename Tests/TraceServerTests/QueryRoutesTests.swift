import Testing
import Wire

@Suite("Tempo's query API")
struct QueryRoutesTests {
    /// Serves one stored trace (id 0…0ab, a root and a failed child) to tenant `single-tenant`, or to `team` when tenants
    /// are told apart.
    private func withServer(
        multitenant: Bool = false, service: String? = "shop", _ body: (QueryServer.Get) async throws -> Void
    ) async throws {
        try await QueryServer.with(Self.trace(service), multitenant: multitenant, body)
    }

    private static func trace(_ service: String?) -> OTLP.Traces {
        let start: UInt64 = 1_700_000_000_000_000_000
        let root = OTLP.Span(
            traceID: OTLP.TraceID(high: 0, low: 0xAB), spanID: OTLP.SpanID(1), name: "GET /", kind: 2,
            startTimeUnixNano: start, endTimeUnixNano: start + 5_000_000,
            attributes: [OTLP.KeyValue(key: "http.status_code", value: 500)])
        let child = OTLP.Span(
            traceID: OTLP.TraceID(high: 0, low: 0xAB), spanID: OTLP.SpanID(2), parentSpanID: OTLP.SpanID(1),
            name: "query",
            startTimeUnixNano: start + 1, endTimeUnixNano: start + 1_000_001,
            status: OTLP.Status(message: "no", code: 2))
        let resource = OTLP.Resource(
            attributes: service.map { [OTLP.KeyValue(key: "service.name", value: .string(ByteString($0)))] } ?? [])
        return OTLP.Traces(resourceSpans: [
            OTLP.ResourceSpans(resource: resource, scopeSpans: [OTLP.ScopeSpans(spans: [root, child])])
        ])
    }

    @Test("answers a trace by its id, with or without leading zeros, as JSON and as protobuf")
    func traceByID() async throws {
        try await withServer { get in
            let short = try await get("/api/traces/ab", [:])
            #expect(short.status == 200)
            #expect(short.body.hasPrefix(#"{"batches":[{"resource":{"attributes":[{"key":"service.name","#))
            #expect(short.body.contains(#""kind":"SPAN_KIND_SERVER""#))
            #expect(short.body.contains(#""traceId":"AAAAAAAAAAAAAAAAAAAAqw==""#))
            let long = try await get("/api/traces/000000000000000000000000000000AB", [:])
            #expect(long.body == short.body)
            let second = try await get("/api/v2/traces/ab", [:])
            #expect(second.body.hasPrefix(#"{"trace":{"resourceSpans":[{"resource""#))
            #expect(second.body.hasSuffix(#"},"metrics":{}}"#))
            let binary = try await get("/api/traces/ab", ["Accept": "application/protobuf"])
            #expect(binary.type == "application/protobuf")
            #expect(binary.body.contains("service.name"))
        }
    }

    @Test("tells a bad id from an unknown one")
    func badID() async throws {
        try await withServer { get in
            let bad = try await get("/api/traces/xyz", [:])
            #expect(bad.status == 400)
            #expect(bad.body == "trace id must have 1 to 32 hexadecimal digits, not \"xyz\"\n")
            let unknown = try await get("/api/traces/77", [:])
            #expect(unknown.status == 404)
            #expect(unknown.body == "")
            let second = try await get("/api/v2/traces/77", [:])
            #expect(second.status == 200)
            #expect(second.body == #"{"trace":{},"metrics":{}}"#)
        }
    }

    @Test("spans without a service are counted, and are none of another service's")
    func nameless() async throws {
        try await withServer(service: nil) { get in
            let query = QueryServer.encoded(#"{ !(resource.service.name =~ "martlet-.*") }"#)
            let found = try await get("/api/search?q=" + query, [:])
            #expect(found.body.contains(#""rootServiceName":"","rootTraceName":"GET /""#))
            #expect(found.body.contains(#""serviceStats":{"":{"spanCount":2,"errorCount":1}}"#))
        }
        try await withServer(service: "martlet-alerts") { get in
            let query = QueryServer.encoded(#"{ !(resource.service.name =~ "martlet-.*") }"#)
            let found = try await get("/api/search?q=" + query, [:])
            #expect(found.body.hasPrefix(#"{"traces":[]"#))
        }
    }

    @Test("answers a search in Tempo's shape")
    func search() async throws {
        try await withServer { get in
            let found = try await get(
                "/api/search?q=" + QueryServer.encoded("{ status = error && .http.status_code = nil }"), [:])
            #expect(found.status == 200)
            #expect(
                found.body.hasPrefix(
                    #"{"traces":[{"traceID":"ab","rootServiceName":"shop","rootTraceName":"GET /","startTimeUnixNano":"1700000000000000000","durationMs":5,"spanSet":{"spans":[{"spanID":"0000000000000002","name":"query","startTimeUnixNano":"1700000000000000001","durationNanos":"1000000","attributes":[{"key":"status","value":{"stringValue":"error"}}]}],"matched":1},"#
                ))
            #expect(found.body.contains(#""serviceStats":{"shop":{"spanCount":2,"errorCount":1}}"#))
            let byTags = try await get("/api/search?tags=service.name%3DSHO&minDuration=1ms", [:])
            #expect(byTags.body.contains(#""traceID":"ab""#))
            for empty in [
                "tags=service.name%3DSHO&minDuration=6ms", "q=%7B+name+%3D+%22x%22+%7D", "q=%7B%7D&start=1&end=2",
            ] {
                let answer1 = try await get("/api/search?" + empty, [:])
                #expect(answer1.body.hasPrefix(#"{"traces":[],"#))
            }
        }
    }

    @Test(
        "refuses wrong parameters with the reason",
        arguments: [
            ("/api/search?q=%7B", "invalid TraceQL query: parse error at line 1, col 2"),
            ("/api/search?limit=0", "invalid limit"),
            ("/api/search?limit=999999999", "limit 999999999 exceeds max_result_limit"),
            ("/api/search?spss=101", "spans per span set"),
            ("/api/search?start=5&end=4", "http parameter start must be before end"),
            ("/api/search?start=1&end=700000", "range of"),
            ("/api/search?q=%7B%7D&tags=a%3Db", "invalid request: q and tags"),
            ("/api/search?start=x", "invalid start"),
            (
                "/api/search?q=%7B%7D%7Crate()",
                "invalid TraceQL query: invalid query: \"{ } | rate()\" is a metrics query"
            ),
            ("/api/search?q=%7B.a%3D~%22(%22%7D", "invalid TraceQL query: invalid query: regular expression"),
            ("/api/v2/search/tags?scope=x", "invalid scope"),
            ("/api/v2/search/tag/http.x/values", "tag name is not valid"),
            (
                "/api/metrics/query_range?q=%7B%7D",
                "invalid TraceQL query: invalid query: \"{ }\" is not a metrics query"
            ),
            (
                "/api/metrics/query_range?q=%7B%7D%7Ccompare(%7B%7D)%7Ctopk(1)",
                "invalid TraceQL query: invalid query at line 1, col 4: compare() must be the last stage"
            ),
            ("/api/metrics/query_range?q=%7B%7D%7Crate()&step=1ms", "step is too short"),
            (
                "/api/metrics/query_range?q=%7B%7D%7Crate()&start=18446744073709000000&end=18446744073709551614",
                "invalid start: 18446744073709000000 ns is beyond the last time"
            ),
            ("/api/metrics/query?q=%7B%7D%7Crate()&end=9223372036854775808", "invalid end"),
            (
                "/api/metrics/query_range?q=%7B%7D%7Crate()&start=18446744000&end=18446744060",
                "http parameter start must be before end"
            ),
            ("/api/search?start=9223372036854775808", "invalid start"),
            ("/api/metrics/query?q=%7B%7D%7Crate()&maxSeries=-1", "invalid maxSeries"),
            ("/api/search?start=1", "range of 1700000099 s exceeds the limit of 604800 s"),
            ("/api/v2/search/tags?start=1699000000", "range of 1000100 s"),
            ("/api/metrics/query_range?q=%7B%7D%7Crate()&since=25h", "range of 90000 s exceeds the limit of 86400 s"),
            ("/api/metrics/query?q=%7B%7D%7Crate()&start=1699000000", "range of 1000100 s"),
            ("/api/metrics/query?q=%7B%7D%7Crate()&start=1699000000&end=99999999999", "range of 1000100 s"),
        ])
    func refuses(path: String, message: String) async throws {
        try await withServer { get in
            let answer = try await get(path, [:])
            #expect(answer.status == 400)
            #expect(answer.body.hasPrefix(message), "\(answer.body)")
        }
    }

    @Test("takes times beyond the last nanosecond as the end of time", arguments: ["99999999999", "99999999999.5"])
    func lateTimes(end: String) async throws {
        try await withServer { get in
            let answer = try await get("/api/search?end=\(end)", [:])
            #expect(answer.status == 200)
        }
    }

    @Test("lists tags and their values")
    func tags() async throws {
        try await withServer { get in
            let answer2 = try await get("/api/search/tags", [:])
            #expect(
                answer2.body
                    == #"{"tagNames":["http.status_code","service.name"],"metrics":{}}"#)
            let scopes = try await get("/api/v2/search/tags", [:]).body
            #expect(scopes.contains(#"{"name":"resource","tags":["service.name"]}"#))
            #expect(scopes.contains(#""trace:rootService","traceDuration"]}"#))
            for (query, names) in [
                ("{ .http.status_code = 500 && name = }", #"["http.status_code","service.name"]"#),
                ("{ .http.status_code = 404 }", "[]"),
                ("{ .http.status_code = 404 && }", #"["http.status_code","service.name"]"#),
            ] {
                let found = try await get("/api/search/tags?q=" + QueryServer.encoded(query), [:])
                #expect(found.body == #"{"tagNames":\#(names),"metrics":{}}"#, "\(query)")
            }
            let none = try await get(
                "/api/v2/search/tags?scope=span&q=" + QueryServer.encoded("{ .http.status_code = 404 }"), [:])
            #expect(none.body == #"{"scopes":[{"name":"span","tags":[]}],"metrics":{}}"#)
            let answer3 = try await get("/api/search/tag/service.name/values", [:])
            #expect(
                answer3.body
                    == #"{"tagValues":["shop"],"metrics":{}}"#)
            let answer4 = try await get("/api/v2/search/tag/.http.status_code/values?q=%7B", [:])
            #expect(
                answer4.body
                    == #"{"tagValues":[{"type":"int","value":"500"}],"metrics":{}}"#)
            let escaped = try await get("/api/v2/search/tag/resource.%22service%2Ename%22/values", [:])
            #expect(escaped.body == #"{"tagValues":[{"type":"string","value":"shop"}],"metrics":{}}"#)
            let legacy = try await get("/api/search/tag/service%2ename/values", [:])
            #expect(legacy.body == #"{"tagValues":["shop"],"metrics":{}}"#)
            let answer5 = try await get("/api/v2/search/tag/status/values", [:])
            #expect(
                answer5.body.contains(
                    #"{"type":"keyword","value":"error"}"#))
        }
    }

    @Test("answers searches and lists of tags in protobuf when asked to")
    func protobuf() async throws {
        try await withServer { get in
            // One job of one.
            let whole = "\u{12}\u{04}\u{10}\u{01}\u{18}\u{01}"
            let accept = ["Accept": "application/protobuf"]
            let tags = try await get("/api/search/tags", accept)
            #expect(tags.type == "application/protobuf")
            #expect(tags.body == "\u{0A}\u{10}http.status_code\u{0A}\u{0C}service.name" + whole)
            let scopes = try await get("/api/v2/search/tags?scope=resource", accept)
            #expect(scopes.body == "\u{0A}\u{18}\u{0A}\u{08}resource\u{12}\u{0C}service.name" + whole)
            let values = try await get("/api/v2/search/tag/.http.status_code/values", accept)
            #expect(values.body == "\u{0A}\u{0A}\u{0A}\u{03}int\u{12}\u{03}500" + whole)
            let legacy = try await get("/api/search/tag/service.name/values", accept)
            #expect(legacy.body == "\u{0A}\u{04}shop" + whole)
            let query = QueryServer.encoded("{ .http.status_code = 500 }")
            let found = try await get("/api/search?q=" + query, accept)
            #expect(found.body.contains("\u{0A}\u{02}ab\u{12}\u{04}shop\u{1A}\u{05}GET /"))
            #expect(found.body.contains("\u{0A}\u{10}0000000000000001\u{12}\u{05}GET /"))
            #expect(found.body.contains("\u{0A}\u{10}http.status_code\u{12}\u{03}\u{18}"))
        }
    }

    @Test("shows spans that stand for a series' others")
    func exemplars() async throws {
        try await withServer { get in
            let range = "/api/metrics/query_range?start=1699999980&end=1700000040&step=30s"
            let slowest = QueryServer.encoded("{ kind = server } | max_over_time(duration)")
            let one = #""exemplars":[{"labels":[{"key":"trace:id","value":{"stringValue":"ab"}}],"#
            let measured = try await get(range + "&q=" + slowest, [:])
            #expect(measured.body.contains(one + #""value":0.005,"timestampMs":"1700000000000"}]"#))
            // Where spans are counted they stand on the line; one of a trace is enough.
            let counted = try await get(range + "&q=" + QueryServer.encoded("{ } | count_over_time()"), [:])
            #expect(counted.body.contains(one + #""value":2,"timestampMs":"1700000000000"}]"#))
            let none = QueryServer.encoded("{ } | count_over_time() with(exemplars=false)")
            for query in ["&q=" + slowest + QueryServer.encoded(" > 10ms"), "&q=" + none] {
                #expect(try await !get(range + query, [:]).body.contains("trace:id"))
            }
            #expect(try await get(range + "&exemplars=x&q=" + slowest, [:]).status == 400)
        }
    }

    @Test("computes series, samples at the right edge of their step")
    func metrics() async throws {
        try await withServer { get in
            let answer = try await get(
                "/api/metrics/query_range?start=1699999980&end=1700000040&step=30s&q="
                    + QueryServer.encoded("{ } | rate() by(name)"), [:])
            #expect(
                answer.body.hasPrefix(
                    #"{"series":[{"labels":[{"key":"name","value":{"stringValue":"GET /"}}],"samples":[{"timestampMs":"1699999980000"},{"timestampMs":"1700000010000","value":0.03333"#
                ))
            let instant = try await get("/api/metrics/query?q=" + QueryServer.encoded("{ } | count_over_time()"), [:])
            #expect(instant.body.contains(#""value":2}"#))
            let first = try await get(
                "/api/metrics/query?maxSeries=1&q=" + QueryServer.encoded("{ } | count_over_time() by(name)"), [:])
            #expect(first.body.contains(#""stringValue":"GET /""#))
            #expect(!first.body.contains(#""stringValue":"query""#))
            #expect(first.body.contains(#""status":"PARTIAL","message":"these are the first 1 of 2 series; raise"#))
        }
    }

    @Test("compares a selection with the rest, in Tempo's shape")
    func comparison() async throws {
        try await withServer { get in
            let range = "start=1699999980&end=1700000040&step=30s&q="
            let query = QueryServer.encoded("{ } | compare({ status = error }, 1)")
            let answer = try await get("/api/metrics/query_range?" + range + query, [:])
            #expect(answer.status == 200)
            let names = [
                #"{"labels":[{"key":"__meta_type","value":{"stringValue":"baseline_total"}},{"key":"name","value":{"stringValue":"nil"}}],"#,
                #""samples":[{"timestampMs":"1699999980000"},{"timestampMs":"1700000010000","value":1},{"timestampMs":"1700000040000"}],"#,
            ]
            #expect(answer.body.contains(names.joined()), "\(answer.body)")
            #expect(
                answer.body.contains(
                    #"[{"key":"__meta_type","value":{"stringValue":"selection"}},{"key":"name","value":{"stringValue":"query"}}]"#
                ))
            #expect(
                answer.body.contains(
                    #"[{"key":"__meta_type","value":{"stringValue":"baseline"}},{"key":"span.http.status_code","value":{"intValue":"500"}}]"#
                ))
            #expect(!answer.body.contains("__meta_error"))
            // With less room each attribute has fewer values, and none is missing.
            let all = QueryServer.encoded("{ } | compare({ false })")
            let whole = try await get("/api/metrics/query?q=" + all, [:])
            let total = whole.body.count(of: #"{"labels":"#)
            let less = try await get("/api/metrics/query?maxSeries=\(total - 1)&q=" + all, [:])
            let totals = #""baseline_total""#
            #expect(less.body.count(of: totals) == whole.body.count(of: totals))
            #expect(less.body.count(of: #"{"labels":"#) < total)
            #expect(
                less.body.contains(
                    #""status":"PARTIAL","message":"these are the 1 most frequent value of each attribute, "#))
            let least = try await get("/api/metrics/query?maxSeries=2&q=" + all, [:])
            #expect(least.body.contains("these are the first 2 of \(total) series; raise"))
            let few = QueryServer.encoded("{ } | compare({ false }, 1)")
            let cut = try await get("/api/metrics/query_range?" + range + few, [:])
            #expect(
                cut.body.contains(
                    #"{"labels":[{"key":"__meta_error","value":{"stringValue":"__too_many_values__"}},{"key":"name","value":{"stringValue":"nil"}}],"samples":[],"#
                ))
            let instant = try await get("/api/metrics/query?q=" + few, [:])
            #expect(instant.body.contains(#"{"key":"rootName","value":{"stringValue":"GET /"}}],"value":2}"#))
            #expect(!instant.body.contains("__meta_error"))
        }
    }

    @Test("keeps tenants apart when requests name them")
    func tenants() async throws {
        try await withServer(multitenant: true) { get in
            let answer6 = try await get("/api/traces/ab", [:])
            #expect(answer6.status == 401)
            let answer7 = try await get("/api/traces/ab", ["X-Scope-OrgID": "other"])
            #expect(answer7.status == 404)
            let answer8 = try await get("/api/traces/ab", ["X-Scope-OrgID": "team"])
            #expect(answer8.status == 200)
            let answer9 = try await get("/api/traces/ab", ["X-Scope-OrgID": "a|b"])
            #expect(answer9.status == 400)
        }
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func count(of text: String) -> Int {
        var (count, rest) = (0, self[...])
        while let found = rest.firstRange(of: text) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
