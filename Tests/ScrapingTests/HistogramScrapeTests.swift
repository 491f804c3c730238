import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Scraping
import Service
import Testing
import Wire

@Suite("Scrapes of histograms")
struct HistogramScrapeTests {
    typealias Fixture = ScrapeSessionTests.Fixture

    /// A family `h` with one native histogram: 1 observation in its zero bucket, and one more in each of its buckets.
    private static func native(
        _ buckets: [Int64], schema: Int64 = 3, offset: Int64 = 0, start: Int64? = nil,
        _ more: (inout ProtoWriter) -> Void = { _ in }
    ) -> [UInt8] {
        var writer = MetricFamilyWriter()
        writer.family("h", .histogram, help: "Help.")
        writer.metric([("l", "v")]) { metric in
            metric.message(7) { histogram in
                histogram.uint64(1, UInt64(buckets.reduce(1, +)))
                histogram.double(2, 9)
                histogram.sint64(5, schema)
                histogram.double(6, 0.001)
                histogram.uint64(7, 1)
                histogram.message(12) { span in
                    span.sint64(1, offset)
                    span.uint64(2, UInt64(buckets.count))
                }
                var before: Int64 = 0
                for count in buckets {
                    histogram.sint64(13, count - before)
                    before = count
                }
                if let start { histogram.message(15) { $0.int64(1, start) } }
                more(&histogram)
            }
        }
        return writer.finish()
    }

    private static func wantNative(_ job: inout ScrapeConfig) { job.histograms.takesNative = true }

    @Test("a native histogram is stored with the target's labels, the help of its family, and its exemplars")
    func stored() throws {
        let fixture = try Fixture(Self.wantNative)
        let report = try fixture.scrape(
            Self.native([2, 1]) { histogram in
                histogram.message(16) { exemplar in
                    exemplar.double(2, 1.5)
                    exemplar.message(3) { $0.int64(1, 1_700_000_001) }
                }
            })
        #expect(report.scraped == 1)
        #expect(report.added == 1)
        #expect(try fixture.values("up") == [1])
        let histogram = try #require(try fixture.histograms(#"h{job="j",l="v"}"#).first)
        #expect(histogram.schema == 3)
        #expect(histogram.zeroCount == 1)
        #expect(histogram.positive == HistogramBuckets(offset: 0, counts: [2, 1]))
        #expect(fixture.metadata.families()["h"] == .init(type: "histogram", help: "Help."))
        let found = try fixture.store.exemplars(
            matching: [Parser.parseSelector("h")], minTime: 0, maxTime: .max)
        #expect(found.series.flatMap(\.exemplars).map(\.value) == [1.5])
    }

    @Test("a native histogram that vanishes goes stale as one")
    func staleness() throws {
        let fixture = try Fixture(Self.wantNative)
        try fixture.scrape(Self.native([2]))
        try fixture.scrape(Self.native([3]))
        try fixture.scrape([UInt8]())
        let histograms = try fixture.histograms("h")
        #expect(histograms.map { StaleNaN.isStale($0.sum) } == [false, false, true])
        #expect(try fixture.values("h") == [])
    }

    @Test("without scrape_native_histograms its classic form is stored")
    func classic() throws {
        let fixture = try Fixture()
        try fixture.scrape(Self.native([2]))
        #expect(try fixture.values("h_count") == [3])
        #expect(try fixture.values(#"h_bucket{le="+Inf"}"#) == [3])
        #expect(try fixture.histograms("h").isEmpty)
    }

    @Test("a label of the target says otherwise than its job")
    func label() throws {
        let fixture = try Fixture(labels: ["__scrape_native_histograms__": "true"])
        try fixture.scrape(Self.native([2]))
        #expect(try fixture.histograms("h").count == 1)
    }

    @Test("a label that is neither true nor false makes no target")
    func brokenLabel() {
        let job = ScrapeConfig(jobName: "j")
        let group = TargetGroup(targets: [], labels: ["__scrape_native_histograms__": "maybe"])
        let error = #expect(throws: Target.Refusal.self) { try Target(Target.discovered("h:1", group, job), job) }
        #expect(
            error?.description
                == #"error parsing scrape native histograms: strconv.ParseBool: parsing "maybe": invalid syntax"#)
    }

    @Test("a histogram with more buckets than may be becomes coarser, as does one with a finer schema than is wanted")
    func resolution() throws {
        let fixture = try Fixture { job in
            job.histograms.takesNative = true
            job.bucketLimit = 2
        }
        try fixture.scrape(Self.native([1, 2, 3, 4], offset: 1))
        let limited = try #require(try fixture.histograms("h").first)
        #expect(limited.schema == 2)
        #expect(limited.positive == HistogramBuckets(offset: 1, counts: [3, 7]))
        let coarse = try Fixture { job in
            job.histograms.takesNative = true
            job.finestSchema = 1
        }
        try coarse.scrape(Self.native([1, 2, 3, 4], offset: 1))
        #expect(try coarse.histograms("h").first?.positive == HistogramBuckets(offset: 1, counts: [10]))
    }

    @Test("a scrape whose histogram cannot be made coarse enough fails")
    func bucketLimit() throws {
        let fixture = try Fixture { job in
            job.histograms.takesNative = true
            job.bucketLimit = 1
        }
        // So far apart that they stay two in the coarsest schema.
        let report = try fixture.scrape(
            Self.native([1], schema: -4, offset: 1) { histogram in
                histogram.message(12) { span in
                    span.sint64(1, 5)
                    span.uint64(2, 1)
                }
                histogram.sint64(13, 0)
                histogram.uint64(1, 3)
            })
        #expect(report.failure?.description.contains("native_histogram_bucket_limit") == true)
        #expect(try fixture.values("up") == [0])
    }

    @Test("a histogram that contradicts itself fails the scrape")
    func inconsistent() throws {
        let fixture = try Fixture(Self.wantNative)
        let report = try fixture.scrape(Self.native([2]) { $0.uint64(1, 99) })
        #expect(report.failure?.description.contains("observation count") == true)
        #expect(try fixture.histograms("h").isEmpty)
    }

    @Test("a histogram that relabelling drops fails no scrape, whatever is in it")
    func dropped() throws {
        let rules = try ConfigDocument(text: "- {action: drop, source_labels: [__name__], regex: h}", file: "test.yml")
            .root.list().map { try RelabelRule($0) }
        let fixture = try Fixture { job in
            job.histograms.takesNative = true
            job.bucketLimit = 1
            job.metricRelabelRules = rules
        }
        for _ in 0..<2 {
            let report = try fixture.scrape(Self.native([2]) { $0.uint64(1, 99) })
            #expect(report.failure == nil)
            #expect(report.scraped == 1)
            #expect(report.postRelabelling == 0)
        }
    }

    @Test("histograms beyond the limit of buckets are among the samples scraped")
    func countedBeyondLimit() throws {
        let fixture = try Fixture { job in
            job.histograms.convertsClassic = true
            job.bucketLimit = 2
        }
        let report = try fixture.scrape(Self.text)
        #expect(report.failure?.description.contains("native_histogram_bucket_limit") == true)
        #expect(report.scraped == 4)
        #expect(report.postRelabelling == 4)
    }

    @Test("a series that becomes a native histogram, or is none any more, does not end between the two")
    func otherKind() throws {
        let fixture = try Fixture(Self.wantNative)
        var writer = MetricFamilyWriter()
        writer.family("h", .gauge)
        writer.metric([("l", "v")]) { $0.message(2) { $0.double(1, 7) } }
        let gauge = writer.finish()
        for body in [gauge, Self.native([2]), gauge] { try fixture.scrape(body) }
        #expect(try fixture.values("h") == [7, 7])
        #expect(try fixture.histograms("h").map(\.count) == [3])
    }

    @Test("where that is wanted a zero is stored when the count began, once")
    func start() throws {
        let fixture = try Fixture(startsAtZero: true, Self.wantNative)
        let began = fixture.time / 1000 - 60
        for count: Int64 in [2, 3] { try fixture.scrape(Self.native([count], start: began)) }
        #expect(try fixture.histograms("h").map(\.count) == [0, 3, 4])
    }

    private static let text = """
        # TYPE h histogram
        h_bucket{l="v",le="1"} 1
        h_bucket{l="v",le="2"} 3
        h_bucket{l="v",le="+Inf"} 6
        h_sum{l="v"} 9
        h_count{l="v"} 6
        h_bucket{l="w",le="+Inf"} 2
        h_count{l="w"} 2
        # TYPE g gauge
        h_other 7
        g 1

        """

    @Test("classic histograms of a text become native ones with the same bounds, each of its own labels")
    func converted() throws {
        let fixture = try Fixture { $0.histograms.convertsClassic = true }
        for _ in 0..<2 {
            let report = try fixture.scrape(Self.text)
            #expect(report.scraped == 4)
        }
        let histograms = try fixture.histograms(#"h{l="v"}"#)
        #expect(histograms.count == 2)
        #expect(histograms.last?.customBounds == [1, 2])
        #expect(histograms.last?.positive == HistogramBuckets(offset: 0, counts: [1, 2, 3]))
        #expect(histograms.last?.sum == 9)
        #expect(try fixture.histograms(#"h{l="w"}"#).map(\.count) == [2, 2])
        #expect(try fixture.values("g") == [1, 1])
        #expect(try fixture.values("h_other") == [7, 7])
        #expect(try fixture.values(#"h_count{l="v"}"#) == [])
    }

    @Test("classic series are stored as well where both are wanted")
    func both() throws {
        let fixture = try Fixture { job in
            job.histograms.convertsClassic = true
            job.histograms.keepsClassic = true
        }
        #expect(try fixture.scrape(Self.text).scraped == 11)
        #expect(try fixture.histograms(#"h{l="v"}"#).count == 1)
        #expect(try fixture.values(#"h_bucket{l="v",le="2.0"}"#) == [3])
    }

    @Test("a histogram whose parts contradict each other is left out, and the scrape goes on")
    func contradiction() throws {
        let fixture = try Fixture { $0.histograms.convertsClassic = true }
        let report = try fixture.scrape("# TYPE h histogram\nh_bucket{le=\"1\"} 3\nh_count 2\n# TYPE g gauge\ng 1\n")
        #expect(report.failure == nil)
        #expect(try fixture.histograms("h").isEmpty)
        #expect(try fixture.values("g") == [1])
    }

    @Test("the exemplars of a converted histogram are those of its series that have a time")
    func convertedExemplars() throws {
        let fixture = try Fixture { $0.histograms.convertsClassic = true }
        try fixture.scrape(
            """
            # TYPE h histogram
            h_bucket{le="1.0"} 1 # {t="a"} 0.5 1700000001.0
            h_bucket{le="+Inf"} 2 # {t="b"} 1.5
            # EOF

            """, format: .openMetrics)
        let found = try fixture.store.exemplars(
            matching: [Parser.parseSelector("h")], minTime: 0, maxTime: .max)
        #expect(found.series.flatMap(\.exemplars).map(\.value) == [0.5])
    }
}
