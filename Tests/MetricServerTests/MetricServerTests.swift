import Compression
import MartletCore
import NIOCore
import Service
import Testing
import Wire

@Suite("The metrics server's API")
struct MetricServerTests {
    @Test("remote write is acknowledged with 204 and can be queried")
    func roundTrip() async throws {
        try await withServer { fixture in
            let answer = try await fixture.write([("a", fixture.now - 1000, 1.5), ("b", fixture.now - 1000, 2)])
            #expect(answer.status == 204, "\(answer.text)")
            let query = try await fixture.get("/api/v1/query?query=a&time=\(fixture.now / 1000)")
            #expect(query.status == 200)
            let sample = query.json["data"]?["result"]?[0]
            #expect(sample?["metric"]?["__name__"]?.string == "a")
            #expect(sample?["value"]?[1]?.string == "1.5")
            #expect(query.json["data"]?["resultType"]?.string == "vector")
            let start = fixture.now / 1000 - 60
            let range = try await fixture.post(
                "/api/v1/query_range", Array("query=sum(a%2Bon()b)&start=\(start)&end=\(start + 60)&step=15".utf8),
                [("Content-Type", "application/x-www-form-urlencoded")])
            #expect(range.json["data"]?["resultType"]?.string == "matrix")
            #expect(range.json["data"]?["result"]?[0]?["values"]?.array?.last?[1]?.string == "3.5")
        }
    }

    @Test("series, labels and values")
    func series() async throws {
        try await withServer { fixture in
            _ = try await fixture.write([("a", fixture.now, 1), ("b", fixture.now, 2)])
            let series = try await fixture.get("/api/v1/series?match[]=a&match[]=b")
            #expect(series.json["data"]?.array?.count == 2)
            #expect(series.json["data"]?[0]?["job"]?.string == "j")
            let labels = try await fixture.get("/api/v1/labels")
            #expect(labels.json["data"] == ["__name__", "job"])
            let values = try await fixture.get("/api/v1/label/__name__/values?match%5B%5D=%7Bjob%3D%22j%22%7D")
            #expect(values.json["data"] == ["a", "b"])
            let cut = try await fixture.get("/api/v1/label/__name__/values?limit=1")
            #expect(cut.json["data"] == ["a"])
            #expect(cut.json["warnings"]?[0]?.string?.contains("truncated") == true)
        }
    }

    @Test(
        "a mistake is told in Prometheus' envelope with its status",
        arguments: [
            ("/api/v1/query?query=sum(", 400, "bad_data"), ("/api/v1/query?query=a&time=x", 400, "bad_data"),
            ("/api/v1/query_range?query=a&start=10&end=0&step=1", 400, "bad_data"),
            ("/api/v1/query_range?query=a&start=0&end=10&step=0", 400, "bad_data"),
            ("/api/v1/query_range?query=a&start=0&end=1000000&step=1", 400, "bad_data"),
            ("/api/v1/query_range?query=a&end=10&step=1", 400, "bad_data"),
            ("/api/v1/series", 400, "bad_data"), ("/api/v1/series?match%5B%5D=%7B%7D", 400, "bad_data"),
            ("/api/v1/labels?limit=x", 400, "bad_data"),
        ])
    func mistakes(path: String, status: Int, type: String) async throws {
        try await withServer { fixture in
            let answer = try await fixture.get(path)
            #expect(answer.status == status)
            #expect(answer.json["status"]?.string == "error")
            #expect(answer.json["errorType"]?.string == type)
            #expect(answer.json["error"]?.string?.isEmpty == false)
        }
    }

    @Test("out of order samples are a 400 with Prometheus' words, and the sound ones are kept")
    func outOfOrder() async throws {
        try await withServer { fixture in
            _ = try await fixture.write([("a", fixture.now, 1)])
            let answer = try await fixture.write([("a", fixture.now - 10, 1), ("b", fixture.now, 7)])
            #expect(answer.status == 400)
            #expect(answer.text.contains("out of order sample"))
            let kept = try await fixture.get("/api/v1/query?query=b&time=\(fixture.now / 1000 + 1)")
            #expect(kept.json["data"]?["result"]?[0]?["value"]?[1]?.string == "7")
            let future = try await fixture.write([("c", fixture.now + 3_600_000, 1)])
            #expect(future.status == 400)
            #expect(future.text.contains("too far in the future"))
        }
    }

    @Test("a label over its limit is a 400 that names the limit and shows little of the label; the rest is kept")
    func labelLimit() async throws {
        try await withServer { fixture in
            let huge = String(repeating: "x", count: 20 << 20)
            let answer = try await fixture.write([(huge, fixture.now, 1), ("b", fixture.now, 7)])
            #expect(answer.status == 400)
            #expect(
                answer.text.contains("label value longer than 16384 bytes: raise --storage.max-label-value-length (1)"))
            #expect(answer.text.utf8.count < 1000)
            let kept = try await fixture.get("/api/v1/query?query=b&time=\(fixture.now / 1000 + 1)")
            #expect(kept.json["data"]?["result"]?[0]?["value"]?[1]?.string == "7")
        }
    }

    @Test("a malformed push is a 400, a wrong type or encoding a 415, a large one a 413")
    func malformed() async throws {
        try await withServer { fixture in
            #expect(try await fixture.post("/api/v1/write", [1, 2, 3]).status == 400)
            let garbage = try [UInt8](repeating: 0xFF, count: 100).withUnsafeBytes { try Snappy.compress($0) }
            #expect(try await fixture.post("/api/v1/write", garbage).status == 400)
            let v3 = "application/x-protobuf;proto=io.prometheus.write.v3.Request"
            #expect(try await fixture.post("/api/v1/write", garbage, [("Content-Type", v3)]).status == 415)
            #expect(try await fixture.post("/api/v1/write", garbage, [("Content-Type", "text/plain")]).status == 415)
            // A bomb: the declared size alone is refused.
            #expect(try await fixture.post("/api/v1/write", [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0]).status == 400)
            let large = [UInt8](repeating: 0, count: 33 << 20)
            #expect(try await fixture.post("/api/v1/write", large).status == 413)
            let nameless = try await fixture.write([("", fixture.now, 1)])
            #expect(nameless.status == 400)
            #expect(nameless.text.contains("missing metric name"))
        }
    }

    @Test("OTLP metrics in JSON become series with Prometheus' names")
    func otlp() async throws {
        try await withServer { fixture in
            let body = """
                {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
                "scopeMetrics":[{"metrics":[{"name":"http.requests","unit":"1","sum":{"aggregationTemporality":2,
                "isMonotonic":true,"dataPoints":[{"timeUnixNano":"\(fixture.now)000000","asInt":"5"}]}}]}]}]}
                """
            let answer = try await fixture.post(
                "/api/v1/otlp/v1/metrics", Array(body.utf8), [("Content-Type", "application/json")])
            #expect(answer.status == 200, "\(answer.text)")
            let query = try await fixture.get("/api/v1/query?query=http_requests_total&time=\(fixture.now / 1000 + 1)")
            #expect(query.json["data"]?["result"]?[0]?["metric"]?["job"]?.string == "shop")
            let bad = try await fixture.post(
                "/api/v1/otlp/v1/metrics", Array("{".utf8), [("Content-Type", "application/json")])
            #expect(bad.status == 400)
        }
    }

    @Test("native histograms come by remote write and OTLP; one that contradicts itself is refused, the rest is taken")
    func histograms() async throws {
        try await withServer { fixture in
            func body(count: UInt64, zeroThreshold: Double = 0) throws -> [UInt8] {
                var writer = ProtoWriter()
                for name in ["sound", "other"] {
                    writer.message(1) { series in
                        series.message(1) { label in
                            label.string(1, "__name__")
                            label.string(2, name)
                        }
                        series.message(4) { histogram in
                            histogram.uint64(1, name == "other" ? count : 6)
                            histogram.double(3, 4.5)
                            histogram.double(5, zeroThreshold)
                            histogram.uint64(6, 1)
                            histogram.message(11) { $0.uint64(2, 2) }
                            // Differences, zig-zag: 2 and 3 observations.
                            histogram.packedUInt64(12, [4, 2])
                            histogram.int64(15, fixture.now)
                        }
                    }
                }
                return try writer.bytes.withUnsafeBytes { try Snappy.compress($0) }
            }
            let refused = try await fixture.post("/api/v1/write", body(count: 7))
            #expect(refused.status == 400)
            #expect(refused.text.contains("observation count should equal the number of observations"))
            let time = fixture.now / 1000 + 1
            let sound = try await fixture.get("/api/v1/query?query=histogram_count(sound)&time=\(time)")
            #expect(sound.json["data"]?["result"]?[0]?["value"]?[1]?.string == "6")
            #expect(try await fixture.post("/api/v1/write", body(count: 6)).status == 204)
            let unbounded = try await fixture.post("/api/v1/write", body(count: 6, zeroThreshold: .nan))
            #expect(unbounded.status == 400)
            #expect(unbounded.text.contains("zero threshold that is not a number from 0 on: NaN"))
            let otlp = """
                {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"sizes","exponentialHistogram":{
                "aggregationTemporality":2,"dataPoints":[{"timeUnixNano":"\(fixture.now)000000","count":"3","sum":5,
                "scale":0,"zeroCount":"1","positive":{"offset":1,"bucketCounts":["2"]}}]}}]}]}]}
                """
            let answer = try await fixture.post(
                "/api/v1/otlp/v1/metrics", Array(otlp.utf8), [("Content-Type", "application/json")])
            #expect(answer.status == 200 && !answer.text.contains("rejected"), "\(answer.text)")
            let query = try await fixture.get("/api/v1/query?query=sizes&time=\(time)")
            let histogram = query.json["data"]?["result"]?[0]?["histogram"]?[1]
            #expect(histogram?["count"]?.string == "3")
            // OTLP's bucket 1 of scale 0 holds (2, 4].
            #expect(histogram?["buckets"]?[1] == [0, "2", "4", "2"])
        }
    }

    @Test("exemplars are answered for the series that an expression names")
    func exemplars() async throws {
        try await withServer { fixture in
            let trace = String(repeating: "0", count: 31) + "1"
            let body = """
                {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"requests","sum":{"aggregationTemporality":2,
                "isMonotonic":true,"dataPoints":[{"timeUnixNano":"\(fixture.now)000000","asInt":"5","exemplars":[
                {"timeUnixNano":"\(fixture.now - 500)000000","asDouble":0.25,"traceId":"\(trace)"}]}]}}]}]}]}
                """
            let answer = try await fixture.post(
                "/api/v1/otlp/v1/metrics", Array(body.utf8), [("Content-Type", "application/json")])
            #expect(answer.status == 200, "\(answer.text)")
            let times = "start=\(fixture.now / 1000 - 60)&end=\(fixture.now / 1000 + 60)"
            let found = try await fixture.get("/api/v1/query_exemplars?query=rate(requests_total[5m])&\(times)")
            let series = found.json["data"]?[0]
            #expect(series?["seriesLabels"]?["__name__"]?.string == "requests_total", "\(found.text)")
            #expect(series?["exemplars"]?[0]?["labels"]?["trace_id"]?.string == trace)
            #expect(series?["exemplars"]?[0]?["value"]?.string == "0.25")
            let none = try await fixture.get("/api/v1/query_exemplars?query=other&\(times)")
            #expect(none.json["data"] == [])
            #expect(try await fixture.get("/api/v1/query_exemplars?query=up").json["data"] == [])
        }
    }

    @Test("status pages, targets and federation answer in Prometheus' shapes")
    func status() async throws {
        try await withServer { fixture in
            _ = try await fixture.write([("a", fixture.now, 1)])
            #expect(
                try await fixture.get("/api/v1/status/buildinfo").json["data"]?["version"]?.string
                    == BuildVersion.number)
            #expect(
                try await fixture.get("/api/v1/status/config").json["data"]?["yaml"]?.string?.contains("job_name")
                    == true)
            #expect(try await fixture.get("/api/v1/status/flags").json["data"]?["query.timeout"]?.string == "2m")
            #expect(try await fixture.get("/api/v1/status/runtimeinfo").json["data"]?["timeSeriesCount"]?.int64 == 1)
            #expect(try await fixture.get("/api/v1/targets").json["data"]?["activeTargets"] == [])
            let federated = try await fixture.get("/federate?match[]=a")
            #expect(federated.text.contains(#"a{job="j",instance=""} 1 \#(fixture.now)"#), "\(federated.text)")
        }
    }
}
