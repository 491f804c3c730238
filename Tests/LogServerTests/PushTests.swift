import Compression
import Durable
import LogServer
import MartletCore
import Testing
import Wire

@Suite("Pushing logs")
struct PushTests {
    @Test("refuse a line that is past its retention already, whatever age is taken otherwise")
    func pastRetention() async throws {
        let client = try await LogsClient {
            $0.limits.rejectsOldSamples = false
            $0.limits.retention = 86_400
        }
        let answer = try await client.post(
            "/loki/api/v1/push", Array(#"{"streams":[{"stream":{"a":"b"},"values":[["1","x"]]}]}"#.utf8))
        #expect(answer.status == 400)
        #expect(answer.text.contains("oldest acceptable timestamp is: 2025-12-31T12:00:00Z"))
        await client.stop()
    }

    @Test("takes JSON and snappy protobuf, and gives the lines back")
    func formats() async throws {
        let client = try await LogsClient()
        #expect(try await client.push(#"{"app":"web"}"#, ["one", "two"]).status == 204)
        var encoder = LokiPush.Encoder()
        encoder.stream(
            Labels([("app", "db")]),
            [.init(timestamp: LogsClient.now, line: Array("three".utf8), metadata: Labels([("trace_id", "t")]))])
        let body = try encoder.bytes.withUnsafeBytes { try Snappy.compress($0) }
        let answer = try await client.post("/loki/api/v1/push", body, type: "application/x-protobuf")
        #expect(answer.status == 204)
        #expect(try await client.lines(#"{app="web"}"#) == ["two", "one"])
        #expect(try await client.lines(#"{app="db"} | trace_id="t""#) == ["three"])
        await client.stop()
    }

    @Test("takes a protobuf push whose lines are all sound, and one with a line that is not, alike")
    func protobuf() async throws {
        let client = try await LogsClient()
        func push(_ app: String, _ lines: [(Int64, String)]) async throws -> UInt {
            var encoder = LokiPush.Encoder()
            encoder.stream(
                Labels([("app", app)]),
                lines.map { .init(timestamp: LogsClient.now - 10 + $0.0, line: Array($0.1.utf8)) })
            let body = try encoder.bytes.withUnsafeBytes { try Snappy.compress($0) }
            return try await client.post("/loki/api/v1/push", body, type: "application/x-protobuf").status
        }
        let sound: [(Int64, String)] = [(-2, "level=error a"), (-1, "an info line"), (0, "b")]
        #expect(try await push("sound", sound) == 204)
        #expect(try await push("mixed", sound + [(86_400_000_000_000, "of tomorrow")]) == 400)
        for app in ["sound", "mixed"] {
            #expect(try await Set(client.lines("{service_name=\"\(app)\"}")) == Set(sound.map(\.1)))
            let errors = "{app=\"\(app)\"} | detected_level=\"error\""
            #expect(try await client.lines(errors) == ["level=error a"])
        }
        await client.stop()
    }

    @Test(
        "stores metadata under names that queries can name, as Loki does",
        arguments: [
            ("trace_id", "trace_id"), ("k8s.pod-name", "k8s_pod_name"), ("1x", "key_1x"), ("a__b", "a_b"),
            ("a. -b", "a_b"), ("__x", "_x"), ("__x__", "__x__"), ("__a.b__", "__a_b__"), ("ü", "_"), ("x_", "x_"),
        ])
    func metadataNames(given: String, stored: String) async throws {
        let client = try await LogsClient()
        let body = #"{"streams":[{"stream":{"a":"b"},"values":[["\#(LogsClient.now)","x",{"\#(given)":"v"}]]}]}"#
        #expect(try await client.post("/loki/api/v1/push", Array(body.utf8)).status == 204)
        #expect(try await client.lines(#"{a="b"} | \#(stored)="v""#) == ["x"])
        await client.stop()
    }

    @Test(
        "metadata tells the level before the line does",
        arguments: [
            (#""detected_level":"WARNING""#, "warn"), (#""detected_level":"odd""#, "odd"), (#""level":"Info""#, "info"),
            (#""severity":"notice""#, "notice"), (#""severity_number":"21""#, "fatal"),
            (#""severity_number":"0""#, "unknown"),
            (#""severity_number":"x""#, "info"), (#""x":"y""#, "error"),
        ])
    func givenLevel(given: String, stored: String) async throws {
        let client = try await LogsClient()
        let body = #"{"streams":[{"stream":{"a":"b"},"values":[["\#(LogsClient.now)","error",{\#(given)}]]}]}"#
        #expect(try await client.post("/loki/api/v1/push", Array(body.utf8)).status == 204)
        #expect(try await client.lines(#"{a="b"} | detected_level="\#(stored)""#) == ["error"])
        await client.stop()
    }

    @Test(
        "adds service_name and detected_level",
        arguments: [
            (#"{"app":"web"}"#, "level=error x", "web", "error"),
            (#"{"job":"j","service_name":"own"}"#, #"{"a":{"lvl":"WARN"}}"#, "own", "warn"),
            (#"{"x":"y"}"#, "an info line", "unknown_service", "info"),
            (#"{"app":"a","level":"Fatal"}"#, "info", "a", "fatal"),
            (#"{"app":"a"}"#, "nothing to see", "a", "unknown"),
            (#"{"app":"a"}"#, #"{"msg":"no level","error":"x"}"#, "a", "error"),
            (#"{"app":"a"}"#, #"msg="level=debug" severity=critical"#, "a", "critical"),
            (#"{"app":"a"}"#, #"{"level":"#, "a", "unknown"),
            // python-json-logger, zap, Serilog's compact format, Pino, and Python's plain one.
            (#"{"app":"a"}"#, #"{"asctime":"2026-01-01","levelname":"WARNING","message":"an error"}"#, "a", "warn"),
            (#"{"app":"a"}"#, #"{"level":"error","ts":1767268800.1,"caller":"x.go:1","msg":"info"}"#, "a", "error"),
            (#"{"app":"a"}"#, #"{"@t":"2026-01-01T12:00:00Z","@mt":"Error in {Id}","Id":1}"#, "a", "info"),
            (#"{"app":"a"}"#, #"{"@t":"2026-01-01T12:00:00Z","@mt":"{Id}","@l":"Fatal"}"#, "a", "fatal"),
            (#"{"app":"a"}"#, #"{"@t":"2026-01-01T12:00:00Z","@mt":"{Id}","@l":"Verbose"}"#, "a", "trace"),
            (#"{"app":"a"}"#, #"{"level":30,"time":1767268800000,"msg":"an error"}"#, "a", "info"),
            (#"{"app":"a"}"#, #"{"time":1767268800000,"level": 50}"#, "a", "error"),
            (#"{"app":"a"}"#, #"{"level":300}"#, "a", "unknown"),
            (#"{"app":"a"}"#, "2026-01-01 12:00:00,123 - app.db - WARNING - no info about the error", "a", "warn"),
            (#"{"app":"a"}"#, "2026-01-01 - ERROR - info", "a", "error"),
            (#"{"app":"a"}"#, "a - b - c - d - ERROR - e", "a", "error"),
            // The first word that stands by itself.
            (#"{"app":"a"}"#, "for your information, an [Err] and a debug:", "a", "error"),
            (#"{"app":"a"}"#, "trace|fatal", "a", "trace"), (#"{"app":"a"}"#, "kind:error errors", "a", "unknown"),
            (#"{"app":"a"}"#, "(Warning) info", "a", "warn"), (#"{"app":"a"}"#, "x='CRITICAL'!", "a", "critical"),
        ])
    func enrichment(labels: String, line: String, service: String, level: String) async throws {
        let client = try await LogsClient()
        #expect(try await client.push(labels, [line]).status == 204)
        #expect(try await client.lines("{service_name=\"\(service)\"} | detected_level=\"\(level)\"") == [line])
        await client.stop()
    }

    @Test(
        "knows the names that levels go by in a field, in any case, and no other",
        arguments: [
            ("info", ["info", "inf", "information", "INFORMATION", "Inf"]), ("error", ["error", "err", "ErRoR"]),
            ("warn", ["warn", "warning", "wrn", "WARNING"]), ("debug", ["debug", "dbg", "DBG"]),
            ("trace", ["trace", "trc", "verbose", "Verbose"]), ("critical", ["critical", "CRITICAL"]),
            ("fatal", ["fatal", "Fatal"]),
            (
                "unknown",
                ["in", "i", "", "infor", "informatioN!", "informazion", "notice", "\u{1}nfo", "warnings", "criticals"]
            ),
        ])
    func names(level: String, names: [String]) async throws {
        let client = try await LogsClient()
        let lines = names.flatMap { name in
            ["level=\(name)", "severity_text=\"\(name)\"", "{\"lvl\":\"\(name)\"}", "{\"severity\":\"\(name)\"}"]
        }
        #expect(try await client.push(#"{"app":"a"}"#, lines).status == 204)
        #expect(try await Set(client.lines("{app=\"a\"} | detected_level=\"\(level)\"")) == Set(lines))
        await client.stop()
    }

    @Test("finds a level in the words of a line, in any case: the first word that names one and stands by itself")
    func words() async throws {
        let expected: [String: Set<String>] = [
            "info": ["an info line", "INFO x", "info and error", "INFo"],
            "error": ["an ERROR here", "err: x", "ERR: x", "error", "error and info", "Error: x", "eRRor", "err"],
            "warn": ["warning: x", "WARN: x", "warn x", "warning: error", "warn:"],
            "critical": ["critical: x", "CRITICAL: debug: x", "critical"],
            "debug": ["debug: x", "DEBUG:", "debug: then WARNING", "debug"],
            "unknown": ["xinfox", "eerr:", "erro", "inf"],
        ]
        let client = try await LogsClient()
        #expect(try await client.push(#"{"app":"a"}"#, expected.values.flatMap { $0.sorted() }).status == 204)
        for (level, lines) in expected {
            #expect(try await Set(client.lines("{app=\"a\"} | detected_level=\"\(level)\"")) == lines)
        }
        await client.stop()
    }

    @Test("finds the level's word wherever in a line it stands, and whatever stands before it")
    func placesOfWords() async throws {
        let client = try await LogsClient()
        var expected: [String: Set<String>] = [:]
        for (word, level) in [
            ("trace", "trace"), ("Debug", "debug"), ("INFO", "info"), ("warn", "warn"), ("Warning", "warn"),
            ("err", "error"), ("ERROR", "error"), ("critical", "critical"), ("fAtAl", "fatal"),
        ] {
            for padding in 0..<18 {
                let start = String(repeating: "x", count: padding)
                for before in [" ", "\t", "\n", "[", "(", "{", "\"", "'", "=", "|"] {
                    // A line that begins with a brace is looked at as JSON.
                    guard padding > 0 || before != "{" else { continue }
                    for end in ["", ":", " at work"] {
                        expected[level, default: []].insert(start + before + word + end)
                    }
                }
                for before in ["x", "-", "\\", "!", "]", "}", "_", "<", "~", "\u{7f}", "é"] {
                    expected["unknown", default: []].insert(start + before + word + " at work")
                }
                expected["unknown", default: []].insert(start + " " + word + "x")
            }
        }
        for (level, lines) in expected {
            #expect(try await client.push(#"{"app":"\#(level)"}"#, lines.sorted()).status == 204)
            let found = try await client.get(
                "/loki/api/v1/query",
                [
                    ("query", "sum by (detected_level) (count_over_time({app=\"\(level)\"}[2h]))"),
                    ("time", "\(LogsClient.now)"),
                ])
            let levels = try found.json["data"]?["result"]?.array ?? []
            #expect(levels.map { $0["metric"]?["detected_level"]?.string } == [level])
            #expect(levels.first?["value"]?[1]?.string == "\(lines.count)")
        }
        await client.stop()
    }

    @Test("stores the sound part of a push and names the rest")
    func partialAcceptance() async throws {
        let client = try await LogsClient { $0.limits.maxLineSize = 10 }
        let answer = try await client.push(#"{"app":"web"}"#, ["short", "far too long a line"])
        #expect(answer.status == 400)
        #expect(
            answer.text
                == "max entry size '10' bytes exceeded for stream '{app=\"web\"}' while adding an entry with length '19' bytes\n"
        )
        #expect(try await client.lines(#"{app="web"}"#) == ["short"])
        await client.stop()
    }

    @Test("takes streams without labels as an unknown service's", arguments: ["{}", #"{"app":""}"#])
    func noLabels(labels: String) async throws {
        let client = try await LogsClient()
        #expect(try await client.push(labels, ["x"]).status == 204)
        let series = try await client.get("/loki/api/v1/series", [("end", "\(LogsClient.now + 1)")])
        #expect(series.text == #"{"status":"success","data":[{"service_name":"unknown_service"}]}"#)
        await client.stop()
    }

    @Test("refuses streams without labels where no service is discovered")
    func noLabelsNorService() async throws {
        let client = try await LogsClient { $0.limits.discoverServiceName = [] }
        let answer = try await client.push("{}", ["x"])
        #expect(answer.status == 400)
        #expect(answer.text == "error at least one label pair is required per stream\n")
        await client.stop()
    }

    @Test(
        "refuses with Loki's status and words",
        arguments: [
            (#"{"streams":[]}"#, 422 as UInt, "error at least one valid stream is required for ingestion\n"),
            (
                #"{"streams":[{"stream":{"a":"b"},"values":[["1","x"]]}]}"#, 400,
                "entry for stream '{a=\"b\"}' has timestamp too old: 1970-01-01T00:00:00.000000001Z, oldest acceptable timestamp is: 2025-12-25T12:00:00Z\n"
            ),
            (
                #"{"streams":[{"stream":{"a":"b"},"values":[["1767369600000000000","x"]]}]}"#, 400,
                "entry for stream '{a=\"b\"}' has timestamp too new: 2026-01-02T16:00:00Z\n"
            ),
            (
                #"{"streams":[{"stream":{"a":"b"},"values":[[1767268800000000000,"x"]]}]}"#, 400,
                "a timestamp must be a string of nanoseconds at offset 43\n"
            ),
            ("not json", 400, "object expected, found null at offset 0\n"),
        ])
    func refusals(body: String, status: UInt, message: String) async throws {
        let client = try await LogsClient()
        let answer = try await client.post("/loki/api/v1/push", Array(body.utf8))
        #expect(answer.status == status)
        #expect(answer.text == message)
        await client.stop()
    }

    @Test("refuses what is no snappy and what is too large")
    func hostileBodies() async throws {
        let client = try await LogsClient { $0.maxPushBytes = 1000 }
        #expect(try await client.post("/loki/api/v1/push", [0xFF, 1, 2], type: "application/x-protobuf").status == 400)
        // A snappy header that declares 1 GB.
        let bomb: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x04, 0x00]
        #expect(try await client.post("/loki/api/v1/push", bomb, type: "application/x-protobuf").status == 413)
        #expect(try await client.post("/loki/api/v1/push", [UInt8](repeating: 32, count: 2000)).status == 413)
        await client.stop()
    }

    @Test("holds streams and rates to their limits with 429, when there are limits")
    func limits() async throws {
        let client = try await LogsClient {
            $0.limits.maxStreams = 1
            $0.limits.ingestionRate = 1000
            $0.limits.ingestionBurst = 1000
        }
        #expect(try await client.push(#"{"app":"a"}"#, ["x"]).status == 204)
        let second = try await client.push(#"{"app":"b"}"#, ["x"])
        #expect(second.status == 429)
        #expect(
            second.text.hasPrefix("maximum active stream limit exceeded when trying to create stream {app=\"b\"}, "))
        #expect(try await client.push(#"{"app":"a"}"#, ["y"]).status == 204, "a known stream goes on")
        let flood = try await client.push(#"{"app":"a"}"#, [String(repeating: "z", count: 900)])
        #expect(flood.status == 429)
        #expect(
            flood.text.hasPrefix(
                "ingestion rate limit exceeded for user fake (limit: 1000 bytes/sec) while attempting to ingest '1' lines"
            ))
        await client.stop()
    }

    @Test("answers 503 while the disk is full, and goes on when it is not")
    func fullDisk() async throws {
        let client = try await LogsClient()
        #expect(try await client.push(#"{"app":"a"}"#, ["before"]).status == 204)
        client.files.setCapacity(10)
        let answer = try await client.push(#"{"app":"a"}"#, ["during"])
        #expect(answer.status == 503)
        #expect(answer.text.hasPrefix("the disk that holds the logs is full: "))
        client.files.setCapacity(nil)
        #expect(try await client.push(#"{"app":"a"}"#, ["after"]).status == 204)
        #expect(try await Set(client.lines(#"{app="a"}"#)) == ["before", "after"])
        await client.stop()
    }

    @Test("keeps tenants apart when they are on, and wants their name")
    func tenants() async throws {
        let client = try await LogsClient { $0.isAuthEnabled = true }
        #expect(try await client.push(#"{"app":"a"}"#, ["x"]).status == 401)
        #expect(try await client.push(#"{"app":"a"}"#, ["of one"], tenant: "one").status == 204)
        #expect(try await client.push(#"{"app":"a"}"#, ["of two"], tenant: "two").status == 204)
        #expect(try await client.lines(#"{app="a"}"#, headers: [("X-Scope-OrgID", "one")]) == ["of one"])
        #expect(try await client.lines(#"{app="a"}"#, headers: [("X-Scope-OrgID", "three")]) == [])
        for name in ["..", "a/b", "a b", String(repeating: "x", count: 151)] {
            #expect(try await client.push(#"{"app":"a"}"#, ["x"], tenant: name).status == 400)
        }
        await client.stop()
    }

    @Test(
        "keeps when an OTLP record was observed, unless that is its time",
        arguments: [(0 as UInt64, nil as String?), (1 as UInt64, "\(LogsClient.now + 1)")])
    func observedTime(after: UInt64, expected: String?) async throws {
        let client = try await LogsClient()
        let record = OTLP.LogRecord(
            timeUnixNano: after * UInt64(LogsClient.now), observedTimeUnixNano: UInt64(LogsClient.now) + after,
            body: "x")
        let logs = OTLP.Logs(resourceLogs: [.init(scopeLogs: [.init(logRecords: [record])])])
        #expect(try await client.post("/otlp/v1/logs", logs.protobuf(), type: "application/x-protobuf").status == 200)
        let found = try await client.get(
            "/loki/api/v1/query_range",
            [("query", #"{service_name="unknown_service"}"#), ("end", "\(LogsClient.now + 1)")])
        let stream = try found.json["data"]?["result"]?[0]
        #expect(stream?["values"]?[0]?[0]?.string == "\(LogsClient.now)")
        #expect(stream?["stream"]?["observed_timestamp"]?.string == expected)
        await client.stop()
    }

    @Test("maps OTLP as Loki does")
    func otlp() async throws {
        let client = try await LogsClient()
        let logs = OTLP.Logs(resourceLogs: [
            .init(
                resource: .init(attributes: [
                    .init(key: "service.name", value: "pay"), .init(key: "k8s.pod.name", value: "p-1"),
                    .init(key: "os.type", value: "linux"),
                ]),
                scopeLogs: [
                    .init(
                        scope: .init(name: "lib", version: "2"),
                        logRecords: [
                            .init(
                                timeUnixNano: UInt64(LogsClient.now), severityNumber: 13, severityText: "WARN",
                                body: "slow",
                                attributes: [.init(key: "http.request", value: .map([.init(key: "size", value: 5)]))],
                                traceID: .init(high: 1, low: 2))
                        ])
                ])
        ])
        let answer = try await client.post("/otlp/v1/logs", logs.protobuf(), type: "application/x-protobuf")
        #expect(answer.status == 200)
        #expect(answer.text.isEmpty)
        let found = try await client.get(
            "/loki/api/v1/query_range", [("query", #"{service_name="pay"}"#), ("end", "\(LogsClient.now + 1)")],
            headers: [("X-Loki-Response-Encoding-Flags", "categorize-labels")])
        let stream = try found.json["data"]?["result"]?[0]
        #expect(stream?["stream"]?.object?.map(\.key) == ["k8s_pod_name", "service_name"])
        let metadata = stream?["values"]?[0]?[2]?["structuredMetadata"]
        let expected = [
            "detected_level": "warn", "http_request_size": "5", "os_type": "linux", "scope_name": "lib",
            "scope_version": "2",
            "severity_number": "13", "severity_text": "WARN", "trace_id": "00000000000000010000000000000002",
        ]
        #expect(metadata?.object?.count == expected.count)
        for (name, value) in expected { #expect(metadata?[name]?.string == value) }
        #expect(try await client.post("/otlp/v1/logs", [0xFF], type: "application/x-protobuf").status == 400)
        await client.stop()
    }
}
