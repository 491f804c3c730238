import MartletCore
import Testing

@Suite("What the API tells of the server")
struct StatusAPITests {
    @Test("of what the head's series consist, the most first, as many as asked for")
    func cardinality() async throws {
        try await withServer { fixture in
            _ = try await fixture.write([("a", fixture.now, 1), ("bb", fixture.now, 1)])
            let all = try await fixture.get("/api/v1/status/tsdb").json["data"]
            #expect(all?["headStats"]?["numSeries"]?.int64 == 2)
            #expect(all?["headStats"]?["numLabelPairs"]?.int64 == 3)
            func list(_ key: String) -> [String] {
                (all?[key]?.array ?? []).map { "\($0["name"]?.string ?? "")=\($0["value"]?.int64 ?? 0)" }
            }
            #expect(list("seriesCountByMetricName") == ["a=1", "bb=1"])
            #expect(list("labelValueCountByLabelName") == ["__name__=2", "job=1"])
            #expect(list("memoryInBytesByLabelName") == ["__name__=3", "job=2"])
            #expect(list("seriesCountByLabelValuePair") == ["job=j=2", "__name__=a=1", "__name__=bb=1"])
            let one = try await fixture.get("/api/v1/status/tsdb?limit=1").json["data"]
            #expect(one?["seriesCountByLabelValuePair"]?.array?.count == 1)
            #expect(
                try await fixture.get("/api/v1/status/tsdb?limit=0").json["error"] == "limit must be a positive number")
            #expect(try await fixture.get("/api/v1/status/tsdb?limit=10001").status == 400)
        }
    }

    @Test("the times of the head are those of its samples; an empty one tells what Prometheus tells")
    func headTimes() async throws {
        try await withServer { fixture in
            func times() async throws -> [Int64?] {
                let head = try await fixture.get("/api/v1/status/tsdb").json["data"]?["headStats"]
                return [head?["minTime"]?.int64, head?["maxTime"]?.int64]
            }
            #expect(try await times() == [.max, .min])
            _ = try await fixture.write([("a", fixture.now - 60_000, 1), ("a", fixture.now, 1)])
            #expect(try await times() == [fixture.now - 60_000, fixture.now])
        }
    }

    @Test("which queries came most often, with the length of their time range; as many as asked for")
    func topQueries() async throws {
        try await withServer { fixture in
            for _ in 0..<3 { _ = try await fixture.get("/api/v1/query?query=up") }
            let end = fixture.now / 1000
            _ = try await fixture.get("/api/v1/query_range?query=up&start=\(end - 600)&end=\(end)&step=60")
            _ = try await fixture.get("/api/v1/query?query=" + String(repeating: "1", count: 2000))
            let answer = try await fixture.get("/api/v1/status/top_queries?topN=2").json["data"]
            #expect(answer?["lastQueriesCount"] == 5)
            let most = answer?["topByCount"]?.array ?? []
            #expect(most.count == 2)
            #expect(most.first?["query"] == "up")
            #expect(most.first?["count"] == 3)
            #expect(most.first?["timeRangeSeconds"] == 0)
            let all = try await fixture.get("/api/v1/status/top_queries").json["data"]
            let slowest = all?["topBySumDuration"]?.array ?? []
            #expect(slowest.count == 3)
            #expect(slowest.contains { $0["timeRangeSeconds"] == 600 })
            #expect(slowest.allSatisfy { ($0["query"]?.string?.utf8.count ?? .max) < 1100 })
            for wrong in ["topN=0", "topN=x", "maxLifetime=0s", "maxLifetime=x"] {
                #expect(try await fixture.get("/api/v1/status/top_queries?\(wrong)").status == 400, "\(wrong)")
            }
        }
    }

    @Test("the largest numbers that can be asked for are numbers like others")
    func extremes() async throws {
        try await withServer { fixture in
            _ = try await fixture.write([("a", fixture.now, 1)])
            for path in ["series?match[]=a&", "labels?", "label/job/values?"] {
                let answer = try await fixture.get("/api/v1/\(path)limit=9223372036854775807")
                #expect(answer.json["data"]?.array?.isEmpty == false, "\(path): \(answer.text)")
            }
            let query = try await fixture.get("/api/v1/query?query=up&time=-3e15&lookback_delta=8e15")
            #expect(query.status == 400)
            #expect(query.json["error"]?.string?.hasSuffix("It overflows int64") == true)
            #expect(try await fixture.get("/api/v1/query?query=up&time=-3e15&lookback_delta=9e9").status == 200)
        }
    }

    @Test("a job as written, and what its relabelling makes of labels")
    func scrapePools() async throws {
        try await withServer { fixture in
            let config = try await fixture.get("/api/v1/scrape_pools/config?scrapePool=martlet-metrics")
            #expect(config.json["data"]?["yaml"]?.string?.contains("job_name: martlet-metrics") == true)
            #expect(try await fixture.get("/api/v1/scrape_pools/config").json["errorType"] == "bad_data")
            #expect(try await fixture.get("/api/v1/scrape_pools/config?scrapePool=x").status == 400)
            let labels = "%7B%22a%22%3A%22b%22%7D"
            let steps = try await fixture.get(
                "/api/v1/targets/relabel_steps?scrapePool=martlet-metrics&labels=\(labels)")
            #expect(steps.json["data"]?["steps"] == [])
            let wrong = try await fixture.get("/api/v1/targets/relabel_steps?scrapePool=martlet-metrics&labels=1")
            #expect(wrong.status == 400)
        }
    }

    @Test(
        "mistakes in parameters are told in Prometheus' words",
        arguments: [
            (
                "query?query=up&time=x",
                #"invalid parameter "time": invalid time value for 'time': cannot parse "x" to a valid timestamp"#
            ),
            (
                "query_range?query=up&start=x&end=1&step=1",
                #"invalid parameter "start": cannot parse "x" to a valid timestamp"#
            ),
            ("query_exemplars?query=up&start=2&end=1", "end timestamp must not be before start timestamp"),
            ("query_exemplars?query=", "1:1: parse error: no expression found in input"),
            ("labels?match[]={}", "match[] must contain at least one non-empty matcher"),
            ("labels?match[]=up{", "1:4: parse error: unexpected end of input inside braces"),
            (
                "series?match[]=up{",
                #"invalid parameter "match[]": 1:4: parse error: unexpected end of input inside braces"#
            ),
            ("metadata?limit=a", "limit must be a number"),
            (
                "query?query=up&limit=a&time=x",
                #"invalid parameter "limit": strconv.Atoi: parsing "a": invalid syntax"#
            ),
            (
                "series?match[]=up&limit=99999999999999999999",
                #"invalid parameter "limit": strconv.Atoi: parsing "99999999999999999999": value out of range"#
            ),
            (
                "query?query=up&limit=--5",
                #"invalid parameter "limit": strconv.Atoi: parsing "--5": invalid syntax"#
            ),
            ("query?query=up&limit=-1", #"invalid parameter "limit": limit must be non-negative"#),
            (
                "query?query=up&lookback_delta=x",
                #"error parsing lookback delta duration: cannot parse "x" to a valid duration"#
            ),
            (
                "query?query=up&time=0x10",
                #"invalid parameter "time": invalid time value for 'time': cannot parse "0x10" to a valid timestamp"#
            ),
            (
                "query?query=up&timeout=1e999",
                #"invalid parameter "timeout": cannot parse "1e999" to a valid duration"#
            ),
            ("query?query=up[5m-5m]", #"invalid parameter "query": 3:8: duration must be greater than 0"#),
            (
                "query_range?query=up[5m]&start=1&end=2&step=1",
                #"invalid parameter "query": invalid expression type "range vector" for range query, "#
                    + "must be Scalar or instant Vector"
            ),
            (
                "query?query=2_%2B1",
                #"invalid parameter "query": 1:1: parse error: error parsing number: strconv.ParseFloat: "#
                    + #"parsing "2_": invalid syntax"#
            ),
            (
                "query?query=abs(up,,up)",
                #"invalid parameter "query": 1:7: parse error: trailing commas not allowed in function call args"#
            ),
            (
                "query?query=a*on()group_left*b",
                #"invalid parameter "query": 1:17: parse error: unexpected <op:*> in grouping opts, expected "(""#
            ),
        ])
    func mistakes(path: String, message: String) async throws {
        try await withServer { fixture in
            let path = path.replacing("[", with: "%5B").replacing("]", with: "%5D").replacing("{", with: "%7B")
                .replacing("}", with: "%7D")
            let answer = try await fixture.get("/api/v1/\(path)")
            #expect(answer.status == 400)
            #expect(answer.json["errorType"]?.string == "bad_data")
            #expect(answer.json["error"]?.string == message)
        }
    }

    @Test("what Prometheus takes without a word is taken here")
    func lenient() async throws {
        try await withServer { fixture in
            for (path, status) in [
                ("query?query=up&lookback_delta=-5", 200), ("query?query=1_000%2B0x_1F", 200),
                ("query?query=up&timeout=0", 503),
                (
                    "series?match%5B%5D=up&start=-292273086-05-16T16:47:06Z&end=292277025-08-18T07:12:54.999999999Z",
                    200
                ),
            ] {
                let answer = try await fixture.get("/api/v1/" + path)
                #expect(answer.status == status, "\(path): \(answer.text)")
            }
            let targets = try await fixture.get("/api/v1/targets?state=none").json["data"]
            #expect(targets?["activeTargets"] == [])
            for parameter in ["metric=none", "limit=-1"] {
                let answer = try await fixture.get("/api/v1/targets/metadata?" + parameter)
                #expect(answer.json["data"] == [], "\(answer.text)")
            }
        }
    }

    @Test("an end before the start finds nothing, and is no mistake")
    func inverted() async throws {
        try await withServer { fixture in
            _ = try await fixture.write([("a", fixture.now, 1)])
            for path in [
                "labels?start=5&end=1", "series?match%5B%5D=a&start=5&end=1", "label/job/values?start=5&end=1",
            ] {
                let answer = try await fixture.get("/api/v1/\(path)")
                #expect(answer.json["data"] == [], "\(path)")
            }
        }
    }

    @Test("what it can do, and what its flags have turned on")
    func features() async throws {
        try await withServer(["--enable-feature", "promql-experimental-functions"]) { fixture in
            let features = try await fixture.get("/api/v1/features").json["data"]
            #expect(features?["promql_functions"]?["rate"]?.bool == true)
            #expect(features?["promql_functions"]?["mad_over_time"]?.bool == true)
            #expect(features?["promql"]?["fill"]?.bool == false)
            #expect(features?["api"]?["remote_write_receiver"]?.bool == true)
            #expect(try await fixture.get("/api/v1/notifications").json["data"] == [])
        }
    }
}
