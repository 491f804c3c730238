import Durable
import Logging
import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Scraping
import Service
import Testing
import Wire

@Suite("A target's scrapes")
struct ScrapeSessionTests {
    /// A store with a session on it, fed with texts at times of a fixed clock.
    final class Fixture {
        let directory: TemporaryDirectory
        let store: MetricStore
        private let target: Target
        private let job: ScrapeConfig
        var metadata: MetadataTable { store.metadata }
        var session: ScrapeSession
        var time: Int64 = 1_700_000_000_000

        init(
            labels: [String: String] = [:], startsAtZero: Bool = false,
            _ change: (inout ScrapeConfig) -> Void = { _ in }
        ) throws {
            directory = try TemporaryDirectory()
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            store = try MetricStore(directory.path, budget: MemoryBudget(limitBytes: 1 << 30), logger: logger)
            var job = ScrapeConfig(jobName: "j")
            change(&job)
            target = try Target(Target.discovered("h:1", TargetGroup(targets: [], labels: labels), job), job)
            self.job = job
            session = ScrapeSession(target, job, store: store, startsAtZero: startsAtZero)
        }

        /// Goes on with a session that knows nothing of earlier scrapes; gives the one before.
        func beginAnew() -> ScrapeSession {
            defer { session = ScrapeSession(target, job, store: store) }
            return session
        }

        @discardableResult
        func scrape(_ text: String, format: ScrapeFormat = .text) throws -> ScrapeReport {
            try scrape(Array(text.utf8), format: format)
        }

        @discardableResult
        func scrape(_ body: [UInt8], format: ScrapeFormat = .protobuf) throws -> ScrapeReport {
            time += 15_000
            return try body.withUnsafeBytes {
                try session.take($0, format: format, timeMs: time, durationSeconds: 0.25)
            }
        }

        /// Native histograms of a series, staleness markers among them.
        func histograms(_ series: String) throws -> [NativeHistogram] {
            let set = try store.select(
                MetricSelection(
                    matchers: try Parser.parseSelector(series), minTime: 0, maxTime: .max), context: QueryContext())
            guard set.count == 1 else { return [] }
            var samples = SeriesSamples()
            try set.read(0, into: &samples)
            return samples.histograms.values
        }

        /// Values of a series, a stale marker as nil.
        func values(_ series: String) throws -> [Double?] {
            let set = try store.select(
                MetricSelection(
                    matchers: try Parser.parseSelector(series), minTime: 0, maxTime: .max), context: QueryContext())
            guard set.count == 1 else { return [] }
            var columns = SampleColumns()
            try set.read(0, into: &columns)
            return columns.values.map { StaleNaN.isStale($0) ? nil : $0 }
        }
    }

    @Test("samples get the target's labels, and the synthetic series are written")
    func samples() throws {
        let fixture = try Fixture()
        let report = try fixture.scrape("# TYPE a counter\n# HELP a Help.\na 1\nb{x=\"y\"} 2\n")
        #expect(report.scraped == 2)
        #expect(report.added == 2)
        #expect(try fixture.values(#"a{job="j",instance="h:1"}"#) == [1])
        #expect(try fixture.values(#"b{x="y",job="j",instance="h:1"}"#) == [2])
        #expect(try fixture.values("up") == [1])
        #expect(try fixture.values("scrape_duration_seconds") == [0.25])
        #expect(try fixture.values("scrape_samples_scraped") == [2])
        #expect(try fixture.values("scrape_series_added") == [2])
        #expect(fixture.metadata.families()["a"] == .init(type: "counter", help: "Help."))
        #expect(try fixture.scrape("a 3\nb{x=\"y\"} 4\n").added == 0)
        #expect(try fixture.values("a") == [1, 3])
    }

    @Test("a bucket is stored under one bound, however the target spells it")
    func bounds() throws {
        let fixture = try Fixture()
        for bound in ["1", "1.0", "1e0"] {
            try fixture.scrape("# TYPE h histogram\nh_bucket{le=\"\(bound)\"} 3\n")
        }
        #expect(try fixture.values(#"h_bucket{le="1.0"}"#) == [3, 3, 3])
    }

    @Test("a family's help is that of the last scrape, also when it goes back to an older text, and it is bounded")
    func changingHelp() throws {
        let fixture = try Fixture()
        for help in ["one", "two", "one"] {
            try fixture.scrape("# HELP a \(help)\na 1\n")
            #expect(fixture.metadata.families()["a"]?.help == help)
        }
        try fixture.scrape("# HELP a \(String(repeating: "e\u{301}", count: 10_000))\na 1\n")
        #expect(fixture.metadata.families()["a"]?.help == String(repeating: "e\u{301}", count: 128))
    }

    @Test("a series that vanishes goes stale once, and comes back")
    func staleness() throws {
        let fixture = try Fixture()
        try fixture.scrape("a 1\nb 1\n")
        try fixture.scrape("a 2\n")
        try fixture.scrape("a 3\n")
        try fixture.scrape("a 4\nb 4\n")
        #expect(try fixture.values("a") == [1, 2, 3, 4])
        #expect(try fixture.values("b") == [1, nil, 4])
    }

    @Test("a failed scrape makes everything stale and up 0")
    func failure() throws {
        let fixture = try Fixture()
        try fixture.scrape("a 1\n")
        fixture.time += 15_000
        _ = try fixture.session.fail(ScrapeFailure("refused"), timeMs: fixture.time, durationSeconds: 1)
        fixture.time += 15_000
        _ = try fixture.session.fail(ScrapeFailure("refused"), timeMs: fixture.time, durationSeconds: 1)
        try fixture.scrape("a 2\n")
        #expect(try fixture.values("a") == [1, nil, 2])
        #expect(try fixture.values("up") == [1, 0, 0, 1])
    }

    @Test("malformed text fails the scrape as a whole")
    func malformed() throws {
        let fixture = try Fixture()
        try fixture.scrape("a 1\n")
        let report = try fixture.scrape("a 2\nb{ 1\n")
        #expect(report.failure != nil)
        #expect(try fixture.values("a") == [1, nil])
        #expect(try fixture.values("up") == [1, 0])
    }

    @Test("limits fail the scrape and name their key")
    func limits() throws {
        let samples = try Fixture { $0.limits.samples = 2 }
        #expect(try samples.scrape("a 1\nb 1\nc 1\n").failure?.description.contains("sample_limit") == true)
        #expect(try samples.values("a") == [])
        let labels = try Fixture { $0.limits.labels = 3 }
        #expect(try labels.scrape("a{x=\"1\"} 1\n").failure?.description.contains("label_limit") == true)
        let value = try Fixture { $0.limits.labelValue = 5 }
        #expect(try value.scrape("a{x=\"123456\"} 1\n").failure?.description.contains("label_value") == true)
    }

    @Test("a breached sample_limit stores nothing, and the counts say by how much it is breached")
    func sampleCounts() throws {
        let rules = try Self.rules("[{source_labels: [__name__], regex: 'go_.*', action: drop}]")
        let fixture = try Fixture { job in
            job.limits.samples = 2
            job.metricRelabelRules = rules
        }
        #expect(try fixture.scrape("a 1\nb 1\ngo_a 1\n").failure == nil)
        try fixture.scrape("a 2\ngo_a 2\nb 2\nc 2\ngo_a 2\nd 2\n")
        #expect(try fixture.values("a") == [1, nil])
        #expect(try fixture.values("c") == [])
        #expect(try fixture.values("up") == [1, 0])
        #expect(try fixture.values("scrape_samples_scraped") == [3, 6])
        #expect(try fixture.values("scrape_samples_post_metric_relabeling") == [2, 4])
        #expect(try fixture.values("scrape_series_added") == [2, 0])
    }

    @Test("a scrape that fails in its middle reports the samples up to there")
    func partialCounts() throws {
        let fixture = try Fixture { $0.limits.labelValue = 5 }
        try fixture.scrape("a 1\nb{x=\"123456\"} 1\nc 1\n")
        #expect(try fixture.values("scrape_samples_scraped") == [2])
        #expect(try fixture.values("scrape_samples_post_metric_relabeling") == [1])
    }

    @Test("on a clash the target's label wins, or the scraped one under honor_labels")
    func clashes() throws {
        let renamed = try Fixture()
        try renamed.scrape("a{job=\"own\"} 1\n")
        #expect(try renamed.values(#"a{job="j",exported_job="own"}"#) == [1])
        let honored = try Fixture { $0.honorLabels = true }
        try honored.scrape("a{job=\"own\"} 1\n")
        #expect(try honored.values(#"a{job="own",instance="h:1"}"#) == [1])
    }

    @Test("under honor_labels an empty label keeps the target's away; otherwise it is as good as none")
    func emptyLabels() throws {
        let text = "a{instance=\"\",job=\"own\"} 1\n"
        let honored = try Fixture { $0.honorLabels = true }
        try honored.scrape(text)
        #expect(try honored.values(#"a{job="own",instance=""}"#) == [1])
        let renamed = try Fixture()
        try renamed.scrape(text)
        #expect(try renamed.values(#"a{job="j",instance="h:1",exported_job="own",exported_instance=""}"#) == [1])
    }

    @Test("of two own labels that clash the shorter is renamed first")
    func clashOrder() throws {
        let fixture = try Fixture(labels: ["exported_job": "target"])
        try fixture.scrape("a{job=\"1\",exported_job=\"2\"} 1\n")
        #expect(
            try fixture.values(
                #"a{job="j",exported_job="target",exported_exported_job="1",exported_exported_exported_job="2"}"#)
                == [1])
    }

    @Test("timestamps of the target count unless told otherwise, and such series do not go stale")
    func timestamps() throws {
        let own = try Fixture()
        try own.scrape("a 1 1700000001000\n")
        try own.scrape("b 1\n")
        #expect(try own.values("a") == [1])
        let ignored = try Fixture { $0.honorTimestamps = false }
        try ignored.scrape("a 1 1600000001000\n")
        try ignored.scrape("b 1\n")
        #expect(try ignored.values("a") == [1, nil])
    }

    @Test("metric relabelling drops and renames series, also when they are known")
    func relabelling() throws {
        let rules = try Self.rules(
            "[{source_labels: [__name__], regex: 'go_.*', action: drop}, {regex: x, action: labeldrop}]")
        let fixture = try Fixture { $0.metricRelabelRules = rules }
        for _ in 0..<3 { try fixture.scrape("go_a 1\nb{x=\"1\"} 2\n") }
        #expect(try fixture.values("go_a") == [])
        #expect(try fixture.values(#"b{x=""}"#) == [2, 2, 2])
        #expect(try fixture.values("scrape_samples_post_metric_relabeling") == [1, 1, 1])
    }

    private static func rules(_ yaml: String) throws -> [RelabelRule] {
        try ConfigDocument(text: yaml, file: "test.yml").root.list().map { try RelabelRule($0) }
    }

    @Test("a series that is written in another way than before goes on, and nothing is said of it")
    func otherSpelling() throws {
        let fixture = try Fixture()
        try fixture.scrape("a{x=\"1\",y=\"2\"} 1\n")
        let report = try fixture.scrape("a{y=\"2\",x=\"1\"} 2\n")
        #expect(report.duplicates == 0)
        #expect(try fixture.values("a") == [1, 2])
    }

    @Test("an empty answer is one without samples", arguments: [ScrapeFormat.text, .openMetrics, .protobuf])
    func empty(format: ScrapeFormat) throws {
        let fixture = try Fixture()
        try fixture.scrape("a 1\n")
        #expect(try fixture.scrape([UInt8](), format: format).failure == nil)
        #expect(try fixture.values("a") == [1, nil])
        #expect(try fixture.values("up") == [1, 1])
    }

    @Test("OpenMetrics is read with its timestamps in seconds")
    func openMetrics() throws {
        let fixture = try Fixture()
        let report = try fixture.scrape("# TYPE a counter\na_total 5 1700000001.5\n# EOF\n", format: .openMetrics)
        #expect(report.failure == nil)
        #expect(try fixture.values("a_total") == [5])
    }

    @Test("a target that is gone ends its series")
    func ends() throws {
        let fixture = try Fixture()
        try fixture.scrape("a 1\n")
        try fixture.session.end(timeMs: fixture.time + 1000)
        #expect(try fixture.values("a") == [1, nil])
        #expect(try fixture.values("up") == [1, nil])
    }

    @Test(
        "a target that is back when its end is written has no gap, also where late samples are taken",
        arguments: [0, 1] as [Int64])
    func comesBack(hoursLate: Int64) throws {
        let fixture = try Fixture()
        fixture.store.setOutOfOrderWindow(hoursLate * 3_600_000)
        try fixture.scrape("a 1\nb 1\n")
        var gone = fixture.beginAnew()
        try fixture.scrape("a 2\n")
        let end = fixture.time
        try fixture.scrape("a 3\n")
        try gone.end(timeMs: end)
        #expect(try fixture.values("a") == [1, 2, 3])
        #expect(try fixture.values("up") == [1, 1, 1])
        // What it does not expose any more has ended.
        #expect(try fixture.values("b") == [1, nil])
    }

    @Test("a series that the store has dropped meanwhile is found again")
    func forgotten() throws {
        let fixture = try Fixture()
        try fixture.scrape("a 1\n")
        fixture.time += 100_000_000
        var batch = SampleBatch()
        Labels([("__name__", "later")]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
        batch.add(fixture.time, 1)
        _ = try fixture.store.append(&batch)
        try fixture.store.maintain(nowMs: fixture.time)
        #expect(fixture.store.statistics.series == 1)
        try fixture.scrape("a 2\n")
        #expect(try fixture.values("a") == [1, 2])
        #expect(try fixture.values("up") == [1, 1])
    }
}
