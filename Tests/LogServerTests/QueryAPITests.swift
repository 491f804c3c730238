import LogServer
import MartletCore
import Service
import Testing

@Suite("Loki's query API")
struct QueryAPITests {
    private static let range = [("end", "\(LogsClient.now + 1)"), ("start", "\(LogsClient.now - 600_000_000_000)")]

    private func filled() async throws -> LogsClient {
        let client = try await LogsClient { $0.limits.discoverServiceName = [] }
        _ = try await client.push(#"{"app":"web","env":"prod"}"#, (0..<10).map { "level=info n=\($0)" })
        _ = try await client.push(#"{"app":"db","env":"prod"}"#, ["level=error n=1"])
        return client
    }

    @Test("answers streams, a matrix, a vector and a scalar in Loki's shapes")
    func shapes() async throws {
        let client = try await filled()
        let streams = try await client.get(
            "/loki/api/v1/query_range", Self.range + [("query", #"{app="db"}"#), ("limit", "5")])
        #expect(
            streams.text.hasPrefix(
                #"{"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"db","detected_level":"error","env":"prod"},"values":[["1767268800000000000","level=error n=1"]]}],"stats":{"summary":{"#
            ))
        let matrix = try await client.get(
            "/loki/api/v1/query_range",
            [
                ("query", #"sum by (app) (count_over_time({env="prod"}[1m]))"#), ("start", "1767268801"),
                ("end", "1767268815"), ("step", "10"),
            ])
        #expect(
            matrix.text.hasPrefix(
                #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"app":"db"},"values":[[1767268801,"1"],[1767268811,"1"]]},{"metric":{"app":"web"},"values":[[1767268801,"10"],[1767268811,"10"]]}],"stats""#
            ),
            "points are where they were asked for")
        let vector = try await client.get(
            "/loki/api/v1/query", [("query", "vector(1)+vector(1)"), ("time", "1767268800")])
        #expect(
            vector.text.hasPrefix(
                #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1767268800,"2"]}],"stats""#
            ))
        let scalar = try await client.get("/loki/api/v1/query", [("query", "1 + 1"), ("time", "1767268800.5")])
        #expect(
            scalar.text.hasPrefix(
                #"{"status":"success","data":{"resultType":"scalar","result":[1767268800.500,"2"],"stats""#))
        await client.stop()
    }

    @Test("lists labels, values, series, counts and volumes")
    func catalog() async throws {
        let client = try await filled()
        func text(_ path: String, _ parameters: [(String, String)] = []) async throws -> String {
            try await client.get("/loki/api/v1/" + path, Self.range + parameters).text
        }
        #expect(try await text("labels") == #"{"status":"success","data":["app","env"]}"#)
        #expect(try await text("label/app/values") == #"{"status":"success","data":["db","web"]}"#)
        #expect(
            try await text("label/app/values", [("query", #"{app="db"}"#)]) == #"{"status":"success","data":["db"]}"#)
        #expect(try await text("label/none/values") == #"{"status":"success"}"#)
        #expect(
            try await text("series", [("match[]", #"{app="web"}"#)])
                == #"{"status":"success","data":[{"app":"web","env":"prod"}]}"#)
        #expect(
            try await text("detected_labels")
                == #"{"detectedLabels":[{"label":"app","cardinality":2},{"label":"env","cardinality":1}]}"#)
        let stats = try JSONValue(parsing: try await text("index/stats", [("query", #"{env="prod"}"#)]))
        #expect(stats["streams"]?.int64 == 2)
        #expect(stats["entries"]?.int64 == 11)
        let volume = try JSONValue(
            parsing: try await text("index/volume", [("query", #"{env="prod"}"#), ("targetLabels", "app")]))
        #expect(volume["data"]?["result"]?.array?.map { $0["metric"]?["app"]?.string } == ["web", "db"])
        await client.stop()
    }

    @Test(
        "detects labels but those whose values are all numbers or UUIDs",
        arguments: [
            ("x", ["web", "7"], true), ("x", ["7", "-1.5e3", "NaN"], false), ("x", ["0", "1"], true),
            ("x", ["1"], true),
            ("x", ["0", "1", "2"], false), ("pod", ["7"], true), ("x", ["7 "], true),
            ("x", ["6ba7b810-9dad-11d1-80b4-00c04fd430c8", "urn:uuid:6BA7B810-9dad-11d1-80b4-00c04fd430c8"], false),
            ("x", ["{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", "6ba7b8109dad11d180b400c04fd430c8"], false),
            ("x", ["6ba7b810-9dad-11d1-80b4-00c04fd430cg"], true),
            ("x", ["6ba7b8109-dad-11d1-80b4-00c04fd430c8"], true),
        ])
    func detectedLabels(name: String, values: [String], isDetected: Bool) async throws {
        let client = try await LogsClient()
        for value in values { #expect(try await client.push(#"{"\#(name)":"\#(value)"}"#, ["line"]).status == 204) }
        let answer = try await client.get("/loki/api/v1/detected_labels", Self.range)
        #expect(answer.text.contains(#""label":"\#(name)""#) == isDetected, "\(answer.text)")
        await client.stop()
    }

    @Test("aligns the points of range queries when it is told to")
    func alignment() async throws {
        let client = try await LogsClient { $0.alignsQueriesWithStep = true }
        let answer = try await client.get(
            "/loki/api/v1/query_range",
            [("query", "vector(1)"), ("start", "1767268795"), ("end", "1767268801"), ("step", "10")])
        #expect(
            answer.text.contains(#""values":[[1767268790,"1"],[1767268800,"1"],[1767268810,"1"]]"#), "\(answer.text)")
        await client.stop()
    }

    @Test("keeps stream labels apart from the others when it is asked to")
    func categorized() async throws {
        let client = try await filled()
        let answer = try await client.get(
            "/loki/api/v1/query_range", Self.range + [("query", #"{app="db"} | logfmt"#)],
            headers: [("X-Loki-Response-Encoding-Flags", "categorize-labels")])
        #expect(
            answer.text.hasPrefix(
                #"{"status":"success","data":{"resultType":"streams","encodingFlags":["categorize-labels"],"result":[{"stream":{"app":"db","env":"prod"},"values":[["1767268800000000000","level=error n=1",{"structuredMetadata":{"detected_level":"error"},"parsed":{"level":"error","n":"1"}}]]}]"#
            ), "\(answer.text)")
        for path in ["query", "query_range"] {
            let numbers = try await client.get(
                "/loki/api/v1/" + path, Self.range + [("query", "vector(1)")],
                headers: [("X-Loki-Response-Encoding-Flags", "categorize-labels")])
            #expect(try numbers.json["data"]?["encodingFlags"] == nil, "numbers have no labels to keep apart")
        }
        await client.stop()
    }

    @Test("finds the lines of a moment where a range begins and ends at once")
    func moment() async throws {
        let client = try await filled()
        let moment = "\(LogsClient.now)"
        let answer = try await client.get(
            "/loki/api/v1/query_range", [("query", #"{app="web"}"#), ("start", moment), ("end", moment)])
        #expect(try answer.json["data"]?["result"]?[0]?["values"]?.array?.map { $0[1]?.string } == ["level=info n=9"])
        await client.stop()
    }

    @Test("says that a range is too long in Loki's words")
    func length() async throws {
        let client = try await LogsClient()
        let answer = try await client.get(
            "/loki/api/v1/query_range", [("query", #"{app="web"}"#), ("since", "800h"), ("end", "\(LogsClient.now)")])
        #expect(answer.status == 400)
        #expect(
            answer.text == "the query time range exceeds the limit (query length: 800h0m0s, limit: 30d1h)\n")
        await client.stop()
    }

    @Test(
        "counts volumes of streams that have all target labels",
        arguments: [("series", [["env", "pod"]]), ("labels", [["env"], ["pod"]])])
    func targetLabels(aggregate: String, expected: [[String]]) async throws {
        let client = try await filled()
        _ = try await client.push(#"{"env":"prod","pod":"p-1"}"#, ["of no app"])
        let answer = try await client.get(
            "/loki/api/v1/index/volume",
            Self.range + [("query", #"{env="prod"}"#), ("targetLabels", "env,pod"), ("aggregateBy", aggregate)])
        let volumes = try answer.json["data"]?["result"]?.array
        #expect(volumes?.map { $0["metric"]?.object?.map(\.key) } == expected)
        #expect(volumes?.first?["value"] == volumes?.last?["value"], "both labels count the one stream")
        await client.stop()
    }

    @Test("says what a query took, in all of Loki's groups")
    func statistics() async throws {
        let client = try await filled()
        let answer = try await client.get(
            "/loki/api/v1/query_range", Self.range + [("query", #"{app="web"} |= "n=3""#)])
        let stats = try answer.json["data"]?["stats"]
        #expect(stats?["summary"]?["totalEntriesReturned"]?.int64 == 1)
        #expect(stats?["summary"]?["totalPostFilterLines"]?.int64 == 1)
        for group in ["querier", "ingester", "cache", "index"] { #expect(stats?[group] != nil, "\(group)") }
        #expect(stats?["querier"]?["store"]?["chunk"]?["decompressedLines"] != nil)
        #expect(stats?["querier"]?["store"]?["queryUsedV2Engine"] == false)
        await client.stop()
    }

    @Test("lays queries out, and says in JSON what is wrong with others")
    func format() async throws {
        let client = try await LogsClient()
        let answer = try await client.get(
            "/loki/api/v1/format_query", [("query", #"sum(rate({foo="bar"}[1m]))by(app)"#)])
        #expect(answer.text == #"{"status":"success","data":"sum by (app)(rate({foo=\"bar\"}[1m]))"}"#)
        let wrong = try await client.get("/loki/api/v1/format_query", [("query", "{")])
        #expect(wrong.status == 400)
        #expect(
            wrong.text
                == #"{"status":"invalid-query","error":"parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }"}"#
        )
        await client.stop()
    }

    @Test("shows its configuration, which it could be started with")
    func configuration() async throws {
        let client = try await LogsClient {
            $0.limits.maxTails = 7
            $0.alignsQueriesWithStep = true
            $0.queriesSeveralTenants = true
            $0.deleteCancelPeriod = 90_000
            $0.limits.deletesFromDisk = false
        }
        let text = try await client.get("/config").text
        #expect(text.contains("  max_concurrent_tail_requests: 7\n"))
        #expect(text.contains("  align_queries_with_step: true\n"))
        let again = try LogConfig(ConfigDocument(text: text, file: "config"))
        #expect(again.limits.maxTails == 7)
        #expect(again.queriesSeveralTenants)
        #expect(again.deleteCancelPeriod == 90_000)
        #expect(!again.limits.deletesFromDisk)
        #expect(again.limits.logLevelFields == LogLimits().logLevelFields)
        #expect(try await client.get("/config/tenant/v1/limits").text.hasPrefix("allow_deletes: true\n"))
        let drilldown = try await client.get("/loki/api/v1/drilldown-limits").json
        #expect(drilldown["limits"]?["max_entries_limit_per_query"]?.int64 == 5000)
        #expect(drilldown["limits"]?["query_timeout"]?.string == "1m")
        #expect(drilldown["limits"]?["retention_period"]?.string == "31d")
        #expect(drilldown["pattern_ingester_enabled"]?.bool == true)
        await client.stop()
    }

    @Test("finds fields, their values, patterns and volumes over time")
    func analysis() async throws {
        let client = try await filled()
        func get(_ path: String, _ parameters: [(String, String)]) async throws -> String {
            try await client.get("/loki/api/v1/" + path, Self.range + parameters).text
        }
        #expect(
            try await get("detected_fields", [("query", #"{app="web"}"#)])
                == #"{"fields":[{"label":"detected_level","type":"string","cardinality":1,"parsers":null},{"label":"level","type":"string","cardinality":1,"parsers":["logfmt"]},{"label":"n","type":"int","cardinality":10,"parsers":["logfmt"]}],"limit":1000}"#
        )
        #expect(
            try await get("detected_field/n/values", [("query", #"{app="web"}"#), ("limit", "3")])
                == #"{"values":["0","1","2"],"limit":3}"#)
        #expect(
            try await get("patterns", [("query", #"{app="web"}"#), ("step", "600")])
                == #"{"status":"success","data":[{"pattern":"level=info n=<_>","level":"info","samples":[[1767268200,9],[1767268800,1]]}]}"#
        )
        let month = try await client.get(
            "/loki/api/v1/patterns",
            [
                ("query", #"{app="web"}"#), ("start", "\(LogsClient.now - 2_500_000_000_000_000)"),
                ("end", "\(LogsClient.now + 1)"),
            ])
        #expect(
            month.text.hasSuffix(#""level":"info","samples":[[1767260000,10]]}]}"#),
            "without a step a long range has 250 of them: \(month.text)")
        let volumes = try JSONValue(
            parsing: try await get(
                "index/volume_range", [("query", #"{env="prod"}"#), ("targetLabels", "app"), ("step", "300")]))
        #expect(volumes["data"]?["resultType"]?.string == "matrix")
        #expect(volumes["data"]?["result"]?.array?.map { $0["metric"]?["app"]?.string } == ["web", "db"])
        let names = try JSONValue(
            parsing: try await get("index/volume", [("query", #"{env="prod"}"#), ("aggregateBy", "labels")]))
        #expect(
            names["data"]?["result"]?.array?.map { $0["metric"]?["env"]?.string ?? $0["metric"]?["app"]?.string } == [
                "", "",
            ])
        await client.stop()
    }

    @Test("has in each step of volume_range what volume has in it", arguments: ["series", "labels"], ["1", "100"])
    func volumeSteps(aggregate: String, limit: String) async throws {
        let client = try await filled()
        let (second, step) = (LogsClient.now / 1_000_000_000, Int64(3))
        let wish = [
            ("query", #"{env=~".+"}"#), ("targetLabels", "app,env"), ("aggregateBy", aggregate), ("limit", limit),
        ]
        func results(
            _ path: String, _ start: Int64, _ end: Int64, _ more: [(String, String)] = []
        ) async throws
            -> [JSONValue]
        {
            let answer = try await client.get(
                "/loki/api/v1/index/" + path, wish + more + [("start", "\(start)"), ("end", "\(end)")])
            return try JSONValue(parsing: Array(answer.text.utf8))["data"]?["result"]?.array ?? []
        }
        let (start, end) = (second - 13, second + 1)
        var expected: Set<String> = []
        for from in stride(from: start, to: end, by: Int64.Stride(step)) {
            for volume in try await results("volume", from, min(end, from + step)) {
                expected.insert("\(volume["metric"] as Any) \(volume["value"] as Any)")
            }
        }
        var found: Set<String> = []
        for series in try await results("volume_range", start, end, [("step", "\(step)")]) {
            for value in series["values"]?.array ?? [] {
                found.insert("\(series["metric"] as Any) \(Optional(value) as Any)")
            }
        }
        #expect(found == expected)
        #expect(found.count > 3)
        await client.stop()
    }

    @Test("takes queries as forms too")
    func forms() async throws {
        let client = try await filled()
        let answer = try await client.post(
            "/loki/api/v1/query", Array("query=count_over_time(%7Bapp%3D%22db%22%7D%5B1m%5D)&time=1767268800".utf8),
            type: "application/x-www-form-urlencoded")
        #expect(answer.status == 200)
        #expect(answer.text.contains(#""value":[1767268800,"1"]"#))
        await client.stop()
    }

    @Test(
        "refuses with 400 and Loki's words",
        arguments: [
            (
                "query", [("query", #"{app="web"}"#)],
                "log queries are not supported as an instant query type, please change your query to a range query type\n"
            ),
            (
                "query", [("query", #"{app="web""#)],
                "parse error at line 1, col 11: syntax error: unexpected $end, expecting } or ,\n"
            ),
            (
                "query_range", [("query", #"{app="web"}"#), ("limit", "5001")],
                "max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)\n"
            ),
            (
                "query_range", [("query", #"{app="web"}"#), ("start", "1"), ("end", "100000"), ("step", "1")],
                "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter\n"
            ),
            (
                "query_range", [("query", #"{app="web"}"#), ("start", "1767260000"), ("end", "1767250000")],
                "end timestamp must not be before or equal to start time\n"
            ),
            (
                "query_range", [("query", #"{app="web"}"#), ("start", "yesterday")],
                "could not parse 'start' parameter: cannot parse \"yesterday\" to a valid timestamp\n"
            ),
            (
                "query_range", [("query", #"{app="web"} | line_format "{{ x }}""#)],
                #"parse error : stage '| line_format "{{ x }}"' : invalid line template: template: line:1: function "x" not defined"#
                    + "\n"
            ),
        ])
    func refusals(path: String, parameters: [(String, String)], message: String) async throws {
        let client = try await LogsClient()
        let answer = try await client.get("/loki/api/v1/" + path, parameters)
        #expect(answer.status == 400)
        #expect(answer.text == message)
        await client.stop()
    }
}
