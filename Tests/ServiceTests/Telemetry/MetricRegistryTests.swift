import CoreMetrics
import Service
import Testing
import Wire

@Suite("Metric registry")
struct MetricRegistryTests {
    private func lines(_ registry: MetricRegistry, _ format: ExpositionFormat = .text) -> [String] {
        String(decoding: registry.render(format), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("swift-metrics' kinds become Prometheus' kinds")
    func kinds() {
        let registry = MetricRegistry()
        registry.describe("jobs_total", "Jobs done.")
        registry.describe("wait_seconds", "Waiting.", buckets: [0.1, 1])
        Counter(label: "jobs_total", dimensions: [("kind", "a\"b")], factory: registry).increment(by: 3)
        Gauge(label: "depth", factory: registry).record(4.5)
        Meter(label: "level", factory: registry).set(7)
        let timer = Timer(label: "wait_seconds", factory: registry)
        timer.recordMilliseconds(50)
        timer.recordSeconds(2)
        let text = lines(registry)
        for line in [
            "# HELP jobs_total Jobs done.", "# TYPE jobs_total counter", "jobs_total{kind=\"a\\\"b\"} 3", "depth 4.5",
            "level 7", "# TYPE wait_seconds histogram", "wait_seconds_bucket{le=\"0.1\"} 1",
            "wait_seconds_bucket{le=\"1\"} 1", "wait_seconds_bucket{le=\"+Inf\"} 2", "wait_seconds_sum 2.05",
            "wait_seconds_count 2",
        ] {
            #expect(text.contains(line))
        }
    }

    @Test("a collector's summary is one family, with its quantiles, sum and count")
    func summary() {
        let registry = MetricRegistry()
        registry.collect {
            $0.summary(
                "run_seconds", "Runs.",
                .init(quantiles: [(quantile: 0.5, value: 2), (quantile: 0.99, value: 9)], sum: 14, count: 4))
        }
        #expect(
            lines(registry).filter { $0.contains("run_seconds") } == [
                "# HELP run_seconds Runs.", "# TYPE run_seconds summary", "run_seconds{quantile=\"0.5\"} 2",
                "run_seconds{quantile=\"0.99\"} 9", "run_seconds_sum 14", "run_seconds_count 4",
            ])
    }

    @Test("the same labels are the same series, whatever their order")
    func identity() {
        let registry = MetricRegistry()
        Counter(label: "c_total", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "c_total", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(lines(registry).contains("c_total{a=\"1\",b=\"2\"} 2"))
    }

    @Test("a family's series are bounded and what is dropped is counted")
    func bounded() {
        let registry = MetricRegistry()
        for index in 0..<(MetricRegistry.seriesLimit + 10) {
            Counter(label: "c_total", dimensions: [("i", "\(index)")], factory: registry).increment()
        }
        let text = lines(registry)
        #expect(text.count { $0.hasPrefix("c_total{") } == MetricRegistry.seriesLimit)
        #expect(text.contains("martlet_metrics_series_dropped_total 10"))
    }

    @Test("a name with two types keeps the first")
    func conflict() {
        let registry = MetricRegistry()
        Counter(label: "x", factory: registry).increment()
        Gauge(label: "x", factory: registry).record(9)
        #expect(lines(registry).contains("x 1"))
    }

    @Test("names that Prometheus' syntax refuses are mended")
    func names() {
        let registry = MetricRegistry()
        Counter(label: "9a.b-c", dimensions: [("d.e", "f")], factory: registry).increment()
        #expect(lines(registry).contains("_a_b_c{d_e=\"f\"} 1"))
    }

    @Test("what it writes is valid in both formats", arguments: [ExpositionFormat.text, .openMetrics])
    func valid(format: ExpositionFormat) {
        let registry = MetricRegistry()
        Counter(label: "jobs_total", factory: registry).increment()
        registry.collect { $0.gauges("g", "Two\nlines.", [([(name: "a", value: "\u{1}\\")], 1)]) }
        let text = lines(registry, format)
        #expect((text.last == "# EOF") == (format == .openMetrics))
        #expect(text.contains { $0.hasPrefix("# HELP g Two\\nlines.") })
    }
}
