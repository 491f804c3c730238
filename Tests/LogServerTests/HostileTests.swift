import Compression
import LogServer
import LogStorage
import MartletCore
import Service
import Testing
import Wire

@Suite("A log server facing hostile clients")
struct HostileTests {
    private static let ranges: [([(String, String)], UInt)] = [
        ([("start", "9999999999")], 400),
        ([("end", "-9999999999999999999")], 400),
        ([("end", "9223372036854775807")], 400),
        ([("start", "-9223372036854775808")], 400),
        ([("start", "1678-01-01T00:00:00Z"), ("end", "2262-01-01T00:00:00Z")], 400),
        ([("end", "1900-01-01T00:00:00Z"), ("since", "280y")], 400),
        ([("since", "8999999999")], 400),
        ([("step", "9999999999")], 400),
        ([("step", "1ns"), ("start", "1735732800"), ("end", "1767268800")], 400),
        ([("step", "-1")], 400),
        ([("step", "nan")], 400),
        ([("start", "1e400.0")], 400),
        ([("limit", "-1")], 400),
        ([("limit", "0")], 400),
        ([("limit", "99999999999999999999")], 400),
        ([("start", "1767268800"), ("end", "1767268700")], 400),
        ([("interval", "-5s")], 400),
        ([("direction", "sideways")], 400),
        ([("start", "-100"), ("end", "100")], 200),
        ([("end", "4000000000")], 200),
    ]

    @Test("refuses times and steps that do not fit with 400, and takes those that do", arguments: ranges)
    func parameters(extra: [(String, String)], status: UInt) async throws {
        let client = try await LogsClient { $0.limits.maxQueryLength = 0 }
        _ = try await client.push(#"{"app":"web"}"#, ["x"])
        for query in [#"{app="web"}"#, #"sum(rate({app="web"}[1m] offset 30y))"#] {
            let answer = try await client.get("/loki/api/v1/query_range", [("query", query)] + extra)
            #expect(answer.status == status, "\(query): \(answer.text)")
        }
        await client.stop()
    }

    @Test(
        "refuses limits that are no number of things with 400",
        arguments: [
            ("limit", "-1", "limit must be a positive value"), ("limit", "0", "limit must be a positive value"),
            ("field_limit", "-1", "limit must be a positive value"),
            ("line_limit", "-9223372036854775808", "limit must be a positive value"),
            ("line_limit", "4294967296", "line_limit value 4294967296 is out of range [0, 4294967295]"),
        ])
    func fieldLimits(name: String, value: String, message: String) async throws {
        let client = try await LogsClient()
        _ = try await client.push(#"{"app":"web"}"#, ["x=1"])
        for path in ["detected_fields", "detected_field/x/values"] {
            let answer = try await client.get(
                "/loki/api/v1/" + path, [("query", #"{app="web"}"#), (name, value), ("end", "\(LogsClient.now + 1)")])
            #expect(answer.status == 400, "\(path)")
            #expect(answer.text == message + "\n")
        }
        await client.stop()
    }

    @Test(
        "refuses broken JSON with 400",
        arguments: [
            "", "[", "{", #"{"streams":{}}"#, #"{"streams":[[]]}"#, #"{"streams":[{"stream":[]}]}"#,
            #"{"streams":[{"stream":{"a":1}}]}"#, #"{"streams":[{"values":[["1"]]}]}"#,
            #"{"streams":[{"values":[["99999999999999999999","x"]]}]}"#,
            #"{"streams":[{"values":[["1","x",{"a":{"b":"c"}}]]}]}"#,
            #"{"streams":[{"values":[["1","x",{},1]]}]}"#, #"{"streams":[{"values":[["1","\ud800\q"]]}]}"#,
            #"{"streams":"# + String(repeating: "[", count: 10_000),
            #"{"x":"# + String(repeating: #"{"x":"#, count: 10_000),
        ])
    func brokenJSON(body: String) async throws {
        let client = try await LogsClient()
        let answer = try await client.post("/loki/api/v1/push", Array(body.utf8))
        #expect(answer.status == 400)
        #expect(answer.text.utf8.count < 500)
        #expect(client.store.tenantCount == 0, "what cannot be read opens no tenant")
        await client.stop()
    }

    @Test("answers a push of huge label sets and many bad lines shortly, and in time")
    func hugeLabels() async throws {
        let client = try await LogsClient()
        let names = (0..<100_000).map { "\"l\($0)\":\"v\"" }.joined(separator: ",")
        let values = (0..<10_000).map { "[\"\($0)\",\"x\"]" }.joined(separator: ",")
        let body = "{\"streams\":[{\"stream\":{\(names)},\"values\":[\(values)]}]}"
        let answer = try await client.post("/loki/api/v1/push", Array(body.utf8))
        #expect(answer.status == 400)
        #expect(answer.text.contains("has 100000 label names; limit 15"))
        #expect(answer.text.utf8.count < 20_000)
        let long =
            "{\"streams\":[{\"stream\":{\"a\":\"\(String(repeating: "v", count: 2000))\"},\"values\":[\(values)]}]}"
        let old = try await client.post("/loki/api/v1/push", Array(long.utf8))
        #expect(old.status == 400)
        #expect(old.text.utf8.count < 20_000)
        await client.stop()
    }

    @Test("finds no level in a line of levels without end, and does so in time")
    func levels() async throws {
        let client = try await LogsClient()
        let line = String(repeating: "level=", count: 40_000)
        #expect(try await client.push(#"{"app":"web"}"#, [line]).status == 204)
        #expect(try await client.lines(#"{app="web"} | detected_level="unknown""#).count == 1)
        await client.stop()
    }

    @Test("holds all streams of one push to the limit")
    func manyStreams() async throws {
        let client = try await LogsClient { $0.limits.maxStreams = 3 }
        let streams = (0..<10).map {
            "{\"stream\":{\"app\":\"\($0)\"},\"values\":[[\"\(LogsClient.now)\",\"x\"],[\"\(LogsClient.now)\",\"y\"]]}"
        }
        let body = "{\"streams\":[\(streams.joined(separator: ","))]}"
        let answer = try await client.post("/loki/api/v1/push", Array(body.utf8))
        #expect(answer.status == 429)
        #expect(client.store.streamCount(tenant: "fake") == 3)
        let logs = OTLP.Logs(
            resourceLogs: (10..<20).map { number in
                .init(
                    resource: .init(attributes: [.init(key: "service.name", value: .string(.init("s\(number)")))]),
                    scopeLogs: [.init(logRecords: [.init(timeUnixNano: UInt64(LogsClient.now), body: "x")])])
            })
        let export = try await client.post("/otlp/v1/logs", logs.protobuf(), type: "application/x-protobuf")
        #expect(export.status == 429)
        #expect(client.store.streamCount(tenant: "fake") == 3)
        await client.stop()
    }

    @Test("takes no more streams of a tenant than memory bears, and lines of those that are there all the same")
    func streamsInMemory() async throws {
        let client = try await LogsClient(memory: 16 << 20)
        func push(_ numbers: Range<Int>) async throws -> LogsClient.Answer {
            let streams = numbers.map { "{\"stream\":{\"n\":\"\($0)\"},\"values\":[[\"\(LogsClient.now)\",\"x\"]]}" }
            return try await client.post(
                "/loki/api/v1/push", Array("{\"streams\":[\(streams.joined(separator: ","))]}".utf8))
        }
        // Two kibibytes for each.
        for start in stride(from: 0, to: 8000, by: 2000) {
            try await #expect(push(start..<start + 2000).status == 204)
        }
        let refused = try await push(8000..<10_000)
        #expect(refused.status == 429)
        #expect(refused.text.contains("or raise --memory.limit"))
        #expect(client.store.streamCount(tenant: "fake") == 8 << 10)
        try await #expect(push(0..<10).status == 204)
        await client.stop()
    }

    @Test("holds OTLP attributes to the limits of structured metadata", arguments: [1, 200, 100_000])
    func otlpMetadata(attributes: Int) async throws {
        let client = try await LogsClient()
        let logs = OTLP.Logs(resourceLogs: [
            .init(
                resource: .init(
                    attributes: (0..<attributes).map { .init(key: .init("key\($0)"), value: "value") }),
                scopeLogs: [
                    .init(
                        logRecords: (0..<2_000).map { _ in .init(timeUnixNano: UInt64(LogsClient.now), body: "x") })
                ])
        ])
        let answer = try await client.post("/otlp/v1/logs", logs.json(), type: "application/json")
        #expect(answer.status == 200)
        let rejected = try answer.json["partialSuccess"]?["rejectedLogRecords"]
        if attributes == 1 {
            #expect(rejected == nil)
            #expect(try await client.lines(#"{service_name="unknown_service"} | key0="value""#) == ["x"])
        } else {
            #expect(rejected?.string == "2000" || rejected?.int64 == 2000)
            #expect(answer.text.contains("structured metadata"))
            if attributes == 200 { #expect(answer.text.contains("labels: '200', limit: '128'")) }
        }
        await client.stop()
    }

    @Test("takes the largest numbers and durations that a configuration can have for no limit")
    func largestLimits() async throws {
        let document = try ConfigDocument(
            text: """
                auth_enabled: false
                limits_config:
                  max_label_names_per_series: 9223372036854775807
                  max_structured_metadata_entries_count: 9223372036854775807
                  max_structured_metadata_size: 7EB
                  creation_grace_period: 292y
                  reject_old_samples_max_age: 292y
                  query_timeout: 292y
                """, file: "loki.yaml")
        let config = try LogConfig(document)
        let client = try await LogsClient { $0 = config }
        let logs = OTLP.Logs(resourceLogs: [
            .init(
                resource: .init(attributes: [.init(key: "service.name", value: "a"), .init(key: "b", value: "c")]),
                scopeLogs: [.init(logRecords: [.init(timeUnixNano: UInt64(LogsClient.now), body: "x")])])
        ])
        let answer = try await client.post("/otlp/v1/logs", logs.protobuf(), type: "application/x-protobuf")
        #expect(answer.status == 200)
        #expect(try await client.lines(#"{service_name="a"} | b="c""#) == ["x"])
        let pool = BlockingPool(threads: 1)
        let port = client.server.address.port
        let first = try await pool.run {
            WebSocketClient(port: port, target: "/loki/api/v1/tail?query=%7Bservice_name%3D%22a%22%7D").next()?.text
        }
        #expect(first?.contains("\"x\"") == true)
        await pool.shutdown()
        #expect(try await client.get("/config").status == 200)
        await client.stop()
    }

    @Test("looks for fields in no more lines than a query may give")
    func detectedLines() async throws {
        let client = try await LogsClient()
        for path in ["detected_fields", "detected_field/x/values"] {
            let answer = try await client.get(
                "/loki/api/v1/" + path, [("query", #"{app="web"}"#), ("line_limit", "5001")])
            #expect(answer.status == 400)
            #expect(
                answer.text
                    == "max entries limit per query exceeded, line_limit > max_entries_limit_per_query (5001 > 5000)\n")
        }
        await client.stop()
    }

    @Test("takes nested attributes without flattening more than may pass")
    func nestedAttributes() async throws {
        let client = try await LogsClient()
        var value = OTLP.AnyValue.map(
            (0..<1000).map { .init(key: .init("leaf\($0)"), value: .string("v")) })
        for level in 0..<50 {
            value = .map([.init(key: .init("level\(level)" + String(repeating: "x", count: 4000)), value: value)])
        }
        let logs = OTLP.Logs(resourceLogs: [
            .init(
                resource: .init(attributes: [.init(key: "service.name", value: "s")]),
                scopeLogs: [
                    .init(
                        logRecords: (0..<2).map { _ in
                            .init(
                                timeUnixNano: UInt64(LogsClient.now), body: "x",
                                attributes: [.init(key: "deep", value: value)])
                        })
                ])
        ])
        let answer = try await client.post("/otlp/v1/logs", logs.protobuf(), type: "application/x-protobuf")
        #expect(answer.status == 200)
        #expect(answer.text.contains("structured metadata too large"))
        await client.stop()
    }

    @Test("refuses structured metadata where the configuration disallows it")
    func disallowedMetadata() async throws {
        let client = try await LogsClient { $0.limits.allowsMetadata = false }
        let time = LogsClient.now
        let body =
            #"{"streams":[{"stream":{"app":"a"},"values":[["\#(time)","with",{"k":"v"}],["\#(time)","without"]]}]}"#
        let answer = try await client.post("/loki/api/v1/push", Array(body.utf8))
        #expect(answer.status == 400)
        #expect(answer.text.contains("limits_config.allow_structured_metadata"))
        #expect(try await client.lines(#"{app="a"}"#) == ["without"])
        let found = try await client.get(
            "/loki/api/v1/query_range", [("query", #"{app="a"}"#), ("end", "\(time + 1)")])
        #expect(!found.text.contains("detected_level"))
        await client.stop()
    }

    @Test("takes only as many tenants as the flag says, and names the flag")
    func tenants() async throws {
        let client = try await LogsClient(maxTenants: 2) { $0.isAuthEnabled = true }
        for name in ["a", "b"] {
            #expect(try await client.push(#"{"app":"x"}"#, ["x"], tenant: name).status == 204)
        }
        let answer = try await client.push(#"{"app":"x"}"#, ["x"], tenant: "c")
        #expect(answer.status == 429)
        #expect(answer.text.contains("raise --storage.max-tenants"))
        #expect(try await client.push(#"{"app":"x"}"#, ["y"], tenant: "a").status == 204)
        #expect(try await client.lines(#"{app="x"}"#, headers: [("X-Scope-OrgID", "c")]) == [])
        await client.stop()
    }

    @Test("refuses a small body that becomes far more than its size in memory with 413")
    func amplification() async throws {
        let client = try await LogsClient()
        var body = ProtoWriter(capacity: 1 << 20)
        body.message(1) { stream in
            stream.bytes(1, Array(#"{a="b"}"#.utf8))
            // Entries of two bytes each.
            for _ in 0..<400_000 { stream.bytes(2, [UInt8]()) }
        }
        let packed = try body.bytes.withUnsafeBytes { try Snappy.compress($0) }
        let answer = try await client.post("/loki/api/v1/push", packed, type: "application/x-protobuf")
        #expect(answer.status == 413)
        #expect(answer.text.contains("send fewer lines at a time"))
        await client.stop()
    }

    @Test("takes millions of small lines in one push, which would be too many for a record as they were sent")
    func smallLines() async throws {
        let client = try await LogsClient(memory: 4 << 30)
        var body = ProtoWriter(capacity: 64 << 20)
        body.message(1) { stream in
            stream.bytes(1, Array(#"{a="b"}"#.utf8))
            for _ in 0..<2_800_000 {
                stream.message(2) { entry in
                    entry.message(1) { $0.int64(1, LogsClient.now / 1_000_000_000) }
                    entry.bytes(2, Array("x".utf8))
                }
            }
        }
        let packed = try body.bytes.withUnsafeBytes { try Snappy.compress($0) }
        let answer = try await client.post("/loki/api/v1/push", packed, type: "application/x-protobuf")
        #expect(answer.status == 204, "\(answer.text)")
        #expect(try await client.lines(#"{a="b"}"#) == ["x"])
        await client.stop()
    }

    @Test("a line of any bytes is kept, and answers are UTF-8 all the same; labels must be it")
    func invalidUTF8() async throws {
        let client = try await LogsClient()
        func push(labels: [UInt8]) async throws -> LogsClient.Answer {
            var body = ProtoWriter()
            body.message(1) { stream in
                stream.bytes(1, labels)
                stream.message(2) { entry in
                    entry.message(1) { $0.int64(1, LogsClient.now / 1_000_000_000) }
                    entry.bytes(2, [0xFF] + Array("line".utf8) + [0xC3])
                    entry.message(3) { pair in
                        pair.bytes(1, Array("trace".utf8))
                        pair.bytes(2, [0x61, 0xFE])
                    }
                }
            }
            let packed = try body.bytes.withUnsafeBytes { try Snappy.compress($0) }
            return try await client.post("/loki/api/v1/push", packed, type: "application/x-protobuf")
        }
        try await #expect(push(labels: Array(#"{a="b"}"#.utf8)).status == 204)
        try await #expect(push(labels: Array(#"{a=""#.utf8) + [0xFF] + Array(#""}"#.utf8)).status == 400)
        let answer = try await client.get(
            "/loki/api/v1/query_range", [("query", #"{a="b"} |= "line""#), ("end", "\(LogsClient.now + 1)")])
        #expect(answer.status == 200)
        #expect(answer.isUTF8)
        #expect(answer.text.contains("\u{FFFD}line\u{FFFD}"))
        #expect(answer.text.contains("a\u{FFFD}"))
        await client.stop()
    }
}
