import Durable
import MartletCore
import MetricStorage
import RemoteStorage
import SpanMetrics
import Testing
import Wire

@Suite("Metrics of spans")
struct SpanMetricsTests {
    private static let nowMs = GeneratorFixture.nowMs

    private func config(_ change: (inout SpanMetricsConfig) -> Void = { _ in }) -> GeneratorConfig {
        var config = GeneratorConfig()
        var metrics = SpanMetricsConfig()
        metrics.metrics = .calls
        change(&metrics)
        config.spanMetrics = metrics
        return config
    }

    private func span(
        _ id: UInt64, _ name: String = "op", kind: Int32 = 2, seconds: Double = 1,
        endMs: Int64 = GeneratorFixture.nowMs, status: Int32 = 0, attributes: [(String, OTLP.AnyValue)] = []
    ) -> OTLP.Span {
        GeneratorFixture.span(
            id, id, name, kind: kind, seconds: seconds, endMs: endMs, status: status, attributes)
    }

    @Test("spans are counted by service, name, kind and status")
    func calls() throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(
            GeneratorFixture.request(
                "shop", [span(1, "a"), span(2, "a"), span(3, "a", status: 2), span(4, "b", kind: 3, status: 1)]))
        fixture.add(GeneratorFixture.request("bank", [span(5, "a", kind: 0)]))
        #expect(
            try fixture.collect() == [
                #"traces_spanmetrics_calls_total{service="bank", span_kind="SPAN_KIND_UNSPECIFIED", span_name="a", status_code="STATUS_CODE_UNSET"} 1.0"#,
                #"traces_spanmetrics_calls_total{service="shop", span_kind="SPAN_KIND_CLIENT", span_name="b", status_code="STATUS_CODE_OK"} 1.0"#,
                #"traces_spanmetrics_calls_total{service="shop", span_kind="SPAN_KIND_SERVER", span_name="a", status_code="STATUS_CODE_ERROR"} 1.0"#,
                #"traces_spanmetrics_calls_total{service="shop", span_kind="SPAN_KIND_SERVER", span_name="a", status_code="STATUS_CODE_UNSET"} 2.0"#,
            ])
    }

    @Test("all three metrics have the same labels; buckets count what is not above their bound")
    func histogram() throws {
        let fixture = try GeneratorFixture(
            config {
                $0.metrics = .all
                $0.buckets = [0.5, 1, 2]
                $0.intrinsics.spanKind = false
                $0.intrinsics.statusCode = false
            })
        let spans = [span(1, seconds: 0.25), span(2, seconds: 1), span(3, seconds: 4)]
        fixture.add(GeneratorFixture.request("s", spans))
        let size = spans.reduce(0) { $0 + GeneratorFixture.request("s", [$1]).protobuf().count }
        let alone = GeneratorFixture.request("s", []).protobuf().count
        let lines = try fixture.collect()
        let labels = #"service="s", span_name="op""#
        #expect(
            lines.filter { !$0.contains("size") } == [
                "traces_spanmetrics_calls_total{\(labels)} 3.0",
                #"traces_spanmetrics_latency_bucket{le="+Inf", \#(labels)} 3.0"#,
                #"traces_spanmetrics_latency_bucket{le="0.5", \#(labels)} 1.0"#,
                #"traces_spanmetrics_latency_bucket{le="1", \#(labels)} 2.0"#,
                #"traces_spanmetrics_latency_bucket{le="2", \#(labels)} 2.0"#,
                "traces_spanmetrics_latency_count{\(labels)} 3.0", "traces_spanmetrics_latency_sum{\(labels)} 5.25",
            ])
        // A request of one span has lengths of its own around the span's bytes.
        let counted = try #require(
            lines.first { $0.contains("size") }?.split(separator: " ").last.flatMap { Double($0) })
        #expect(counted > 0 && counted < Double(size - 3 * alone))
    }

    @Test("dimensions are attributes of the resource or the span; those that are missing make no label")
    func dimensions() throws {
        let fixture = try GeneratorFixture(
            config {
                $0.intrinsics.spanKind = false
                $0.intrinsics.statusCode = false
                $0.intrinsics.statusMessage = true
                $0.dimensions = ["http.status", "zone", "span_name", "missing"]
                $0.mappings = [.init(name: "where", sources: ["zone", "missing", "http.status"], join: "/")]
            })
        fixture.add(
            GeneratorFixture.request(
                "s", resource: [("zone", "eu")],
                [span(1, attributes: [("http.status", 200), ("zone", "us"), ("span_name", 1.5)])]))
        #expect(
            try fixture.collect() == [
                #"traces_spanmetrics_calls_total{__span_name="1.5", http_status="200", service="s", span_name="op", status_message="why", where="eu/200", zone="eu"} 1.0"#
            ])
    }

    @Test(
        "values of attributes are text",
        arguments: [
            (OTLP.AnyValue.bool(true), "true"), (.int(-7), "-7"), (.double(1e21), "1000000000000000000000"),
            (.array(["a", 1]), "[a1]"), (.map([OTLP.KeyValue(key: "k", value: "v")]), "{k:v}"),
        ])
    func text(value: OTLP.AnyValue, expected: String) throws {
        let fixture = try GeneratorFixture(config { $0.dimensions = ["d"] })
        fixture.add(GeneratorFixture.request("s", [span(1, attributes: [("d", value)])]))
        #expect(try fixture.collect().first?.contains(#"{d="\#(expected)", "#) == true)
    }

    @Test("a long value is cut at a character's border")
    func longValue() throws {
        var config = config()
        config.registry.valueBytes = 4
        let fixture = try GeneratorFixture(config)
        fixture.add(GeneratorFixture.request("s", [span(1, "abcé")]))
        #expect(try fixture.collect().first?.contains(#"span_name="abc""#) == true)
    }

    @Test("with target_info there are job and instance, and what else resources tell")
    func targetInfo() throws {
        let fixture = try GeneratorFixture(
            config {
                $0.hasTargetInfo = true
                $0.targetInfoExcluded = ["secret"]
                $0.intrinsics.spanKind = false
                $0.intrinsics.statusCode = false
            })
        fixture.add(
            GeneratorFixture.request(
                "shop",
                resource: [
                    ("service.namespace", "north"), ("service.instance.id", "pod-1"), ("host.name", "h"),
                    ("secret", "x"), ("job", "other"),
                ], [span(1), span(2)]))
        fixture.add(GeneratorFixture.request("bare", [span(3)]))
        #expect(
            try fixture.collect() == [
                #"traces_spanmetrics_calls_total{instance="pod-1", job="north/shop", service="shop", span_name="op"} 2.0"#,
                #"traces_spanmetrics_calls_total{job="bare", service="bare", span_name="op"} 1.0"#,
                #"traces_target_info{__job="other", host_name="h", instance="pod-1", job="north/shop"} 1.0"#,
            ])
    }

    @Test("resources that tell the same in another order are one series")
    func targetInfoOrder() throws {
        let fixture = try GeneratorFixture(config { $0.hasTargetInfo = true })
        let resource: [(String, OTLP.AnyValue)] = [("host.name", "h"), ("zone", "eu")]
        fixture.add(GeneratorFixture.request("s", resource: resource, [span(1)]))
        fixture.add(GeneratorFixture.request("s", resource: resource.reversed(), [span(2)]))
        #expect(
            try fixture.collect("traces_target") == [
                #"traces_target_info{host_name="h", job="s", zone="eu"} 1.0"#
            ])
    }

    @Test("an external label does not make one series of several")
    func externalDimension() throws {
        var config = config { $0.dimensions = ["zone"] }
        config.registry.externalLabels = [(key: "zone", value: "x")]
        let fixture = try GeneratorFixture(config)
        let zones: [OTLP.AnyValue] = ["eu", "us"]
        fixture.add(
            GeneratorFixture.request(
                "s", zones.enumerated().map { span(UInt64($0.offset + 1), attributes: [("zone", $0.element)]) }))
        #expect(try fixture.series().compactMap { $0.labels["zone"] }.sorted() == ["eu", "us"])
    }

    @Test("external labels and the tenant's are in all series, and the instance that nobody else has")
    func commonLabels() throws {
        var config = config()
        config.registry.externalLabels = [(key: "site", value: "x")]
        config.registry.tenantLabel = "tenant"
        let fixture = try GeneratorFixture(config)
        fixture.add(GeneratorFixture.request("s", [span(1)]))
        let labels = try #require(try fixture.series().first?.labels)
        #expect(labels["site"] == "x")
        #expect(labels["tenant"] == "team")
        #expect(labels["__metrics_gen_instance"] == "i")
    }

    @Test("a span counts as often as the share says that its sender has kept")
    func multiplier() throws {
        let fixture = try GeneratorFixture(config { $0.multiplierKey = "share" })
        fixture.add(
            GeneratorFixture.request(
                "s", [span(1, attributes: [("share", 0.25)]), span(2), span(3, attributes: [("share", 0.0)])]))
        #expect(try fixture.collect().first?.hasSuffix(" 6.0") == true)
    }

    @Test("a share so small that it spoils sums is none", arguments: [Double.leastNonzeroMagnitude, 1e-300, .infinity])
    func spoiltMultiplier(share: Double) throws {
        var config = config {
            $0.multiplierKey = "share"
            $0.metrics = .latency
        }
        config.registry.histograms = .native
        let fixture = try GeneratorFixture(config)
        fixture.add(GeneratorFixture.request("s", [span(1, attributes: [("share", .double(share))])]))
        #expect(try fixture.series().first?.histograms.last?.histogram.count == 1)
    }

    @Test("spans that the store refused do not count")
    func rejected() throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(GeneratorFixture.request("s", [span(1, "a"), span(2, "b"), span(3, "c")]), rejected: [0, 2])
        let lines = try fixture.collect()
        #expect(lines.count == 1)
        #expect(lines.first?.contains(#"span_name="b""#) == true)
    }

    @Test("a request that comes again with the same bytes counts once")
    func repeated() throws {
        let fixture = try GeneratorFixture(config())
        let request = GeneratorFixture.request("s", [span(1), span(2)])
        fixture.add(request)
        fixture.add(request)
        #expect(try fixture.collect().first?.hasSuffix(" 2.0") == true)
        #expect(fixture.generator.statistics.counts.repeated == 2)
    }

    @Test("spans that ended too long before or after they came are not counted, which is said")
    func slack() throws {
        let fixture = try GeneratorFixture(config())
        let times = [-30_001, -30_000, 0, 30_000, 30_001].map { Self.nowMs + $0 }
        fixture.add(
            GeneratorFixture.request("s", times.enumerated().map { span(UInt64($0.offset + 1), endMs: $0.element) }))
        #expect(try fixture.collect().first?.hasSuffix(" 3.0") == true)
        #expect(fixture.generator.statistics.counts.outsideSlack == 2)
    }

    @Test("a new series begins with zero, after the collection before it")
    func zero() throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(GeneratorFixture.request("s", [span(1, "a")]))
        _ = try fixture.collect("traces_", Self.nowMs + 1000)
        fixture.add(GeneratorFixture.request("s", [span(2, "a"), span(3, "b")]))
        let samples = try fixture.series(Self.nowMs + 2000).map { series in
            series.samples.map { "\($0.timestampMs - Self.nowMs)=\($0.value)" }
        }
        #expect(samples == [["2000=2.0"], ["1001=0.0", "2000=1.0"]])
    }

    @Test("an exemplar is the newest span of its bucket, told once")
    func exemplars() throws {
        let fixture = try GeneratorFixture(
            config {
                $0.metrics = .latency
                $0.buckets = [1]
            })
        fixture.add(GeneratorFixture.request("s", [span(0xA, seconds: 0.5), span(0xB, seconds: 0.75)]))
        let found = try fixture.series().flatMap(\.exemplars)
        #expect(found.map(\.labels.description) == [#"{traceID="b"}"#])
        #expect(found.map(\.value) == [0.75])
        #expect(try fixture.series(Self.nowMs + 2000).allSatisfy { $0.exemplars.isEmpty })
    }

    @Test("native histograms stand alone, or beside the buckets", arguments: [HistogramMode.native, .both])
    func native(mode: HistogramMode) throws {
        var config = config { $0.metrics = .latency }
        config.registry.histograms = mode
        let fixture = try GeneratorFixture(config)
        fixture.add(GeneratorFixture.request("s", [span(1, seconds: 1), span(2, seconds: 1), span(3, seconds: 4)]))
        let series = try fixture.series()
        let native = try #require(series.first { !$0.histograms.isEmpty })
        #expect(native.labels[Labels.metricName] == "traces_spanmetrics_latency")
        let histogram = try #require(native.histograms.last?.histogram)
        #expect(histogram.count == 3)
        #expect(histogram.sum == 6)
        #expect(histogram.layout.schema == 3)
        // 1 and 4 are upper bounds of the buckets 0 and 16.
        #expect(
            histogram.layout.positiveSpans == [.init(offset: 0, length: 1), .init(offset: 15, length: 1)])
        #expect(histogram.positive == [2, 1])
        #expect(series.count == (mode == .native ? 1 : 18))
    }

    @Test("a native histogram may have any number of buckets")
    func unlimitedBuckets() throws {
        var config = config { $0.metrics = .latency }
        config.registry.histograms = .native
        config.registry.nativeBuckets = .max
        let fixture = try GeneratorFixture(config)
        let seconds = (0..<200).map { 0.001 * Double($0 + 1) }
        fixture.add(
            GeneratorFixture.request("s", seconds.enumerated().map { span(UInt64($0.offset + 1), seconds: $0.element) })
        )
        let histogram = try #require(try fixture.series().first?.histograms.last?.histogram)
        #expect(histogram.count == 200)
        #expect(histogram.layout.schema == 3)
    }

    @Test("a native histogram becomes coarser when it has too many buckets")
    func coarser() throws {
        var config = config { $0.metrics = .latency }
        config.registry.histograms = .native
        config.registry.nativeBuckets = 3
        let fixture = try GeneratorFixture(config)
        let seconds = [0.001, 0.01, 0.1, 1, 10]
        fixture.add(
            GeneratorFixture.request("s", seconds.enumerated().map { span(UInt64($0.offset + 1), seconds: $0.element) })
        )
        let histogram = try #require(try fixture.series().first?.histograms.last?.histogram)
        #expect(histogram.positive.count <= 3)
        #expect(histogram.positive.reduce(0, +) == 5)
        #expect(histogram.layout.schema < 0)
        #expect(histogram.isConsistent)
    }

    // MARK: Limits and ends

    @Test("beyond the limit spans count in one series, and nothing is lost")
    func overflow() throws {
        var config = config()
        config.registry.maxActiveSeries = 2
        let fixture = try GeneratorFixture(config)
        fixture.add(
            GeneratorFixture.request(
                "s", ["a", "b", "c", "d", "a"].enumerated().map { span(UInt64($0.offset + 1), $0.element) }))
        let lines = try fixture.collect()
        #expect(lines.count == 3)
        #expect(lines.contains(#"traces_spanmetrics_calls_total{metric_overflow="true"} 2.0"#))
        #expect(fixture.generator.statistics.series == 2)
        #expect(fixture.generator.statistics.counts.seriesLimited == 2)
    }

    @Test("without memory for more series spans count in one")
    func memory() throws {
        let generator = TenantGenerator(
            config(), tenant: "t", instance: "i", budget: MemoryBudget(limitBytes: 0), startMs: 0)
        generator.add(
            GeneratorFixture.request("s", [span(1)]).protobuf(), rejected: [],
            now: UInt64(GeneratorFixture.nowMs) * 1_000_000)
        #expect(generator.statistics.series == 0)
        #expect(generator.statistics.counts.seriesLimited == 1)
    }

    @Test("a series that nothing is added to ends with a marker, and makes room")
    func stale() throws {
        var config = config()
        config.registry.staleMs = 60_000
        let fixture = try GeneratorFixture(config)
        fixture.add(GeneratorFixture.request("s", [span(1, "old")]))
        _ = try fixture.collect()
        let later = Self.nowMs + 61_000
        fixture.add(GeneratorFixture.request("s", [span(2, "new", endMs: later)]), nowMs: later)
        let lines = try fixture.collect("traces_", later)
        #expect(lines.map { $0.hasSuffix("stale") } == [false, true])
        #expect(try fixture.collect("traces_", later + 1000).count == 1)
        #expect(fixture.generator.statistics.counts.seriesRemoved == 1)
    }

    @Test("what could not be written is written with the next collection")
    func failure() throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(GeneratorFixture.request("s", [span(1)]))
        let full = DurableError(.noSpace, path: "wal", operation: "write", message: "full")
        #expect(throws: DurableError.self) {
            try fixture.generator.collect(statePath: fixture.statePath, nowMs: Self.nowMs + 1000) {
                (_) throws(DurableError) in throw full
            }
        }
        let series = try fixture.series(Self.nowMs + 2000)
        #expect(series.map { $0.samples.map(\.value) } == [[0, 1]])
        #expect(fixture.generator.statistics.counts.failedCollections == 1)
    }

    // MARK: Restarts

    @Test("counts go on after a restart: no less, no more, and no new series")
    func restart() throws {
        var config = config { $0.metrics = .all }
        config.registry.histograms = .both
        let fixture = try GeneratorFixture(config)
        fixture.add(GeneratorFixture.request("s", [span(1), span(2)]))
        let before = try fixture.collect("traces_", Self.nowMs + 1000)
        #expect(try fixture.restart(startMs: Self.nowMs + 5000) == nil)
        #expect(try fixture.collect("traces_", Self.nowMs + 6000) == before)
        fixture.add(GeneratorFixture.request("s", [span(3)]))
        let series = try fixture.series(Self.nowMs + 7000)
        let calls = try #require(series.first { $0.labels[Labels.metricName] == "traces_spanmetrics_calls_total" })
        #expect(calls.samples.map(\.value) == [3])
        #expect(series.compactMap { $0.histograms.last?.histogram.count } == [3])
    }

    @Test("what comes before the counts of the process before are read is added to them")
    func lateRestore() throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(GeneratorFixture.request("s", [span(1)]))
        _ = try fixture.collect("traces_", Self.nowMs + 1000)
        let next = TenantGenerator(
            config(), tenant: "team", instance: "i", budget: MemoryBudget(limitBytes: 1 << 30),
            startMs: Self.nowMs + 2000)
        next.add(
            GeneratorFixture.request("s", [span(2)]).protobuf(), rejected: [], now: UInt64(Self.nowMs) * 1_000_000)
        #expect(try next.restore(from: fixture.statePath) == nil)
        var values: [[Double]] = []
        try next.collect(statePath: fixture.statePath, nowMs: Self.nowMs + 3000) { (series) throws(DurableError) in
            values = series.map { $0.samples.map(\.value) }
        }
        #expect(values == [[2]])
    }

    @Test("counts of other buckets begin anew, with a zero after the last of the old ones")
    func otherConfig() throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(GeneratorFixture.request("s", [span(1)]))
        _ = try fixture.collect("traces_", Self.nowMs + 1000)
        #expect(try fixture.restart(config { $0.buckets = [1] }, startMs: Self.nowMs + 500) == nil)
        fixture.add(GeneratorFixture.request("s", [span(2)]))
        let series = try fixture.series(Self.nowMs + 2000)
        #expect(series.flatMap { $0.samples.map { $0.timestampMs - Self.nowMs } } == [1001, 2000])
        #expect(series.flatMap { $0.samples.map(\.value) } == [0, 1])
    }

    @Test("a damaged file of counts is said so, and counts begin anew", arguments: [0, 10, 40])
    func damage(offset: Int) throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(GeneratorFixture.request("s", [span(1)]))
        _ = try fixture.collect()
        let file = try DiskFileSystem().open(fixture.statePath, .readWrite)
        let byte = try file.read(count: 1, at: Int64(offset))
        try file.write([(byte.first ?? 0) ^ 0xFF], at: Int64(offset))
        #expect(try fixture.restart(startMs: Self.nowMs + 5000)?.contains("checksum") == true)
        #expect(try fixture.collect("traces_", Self.nowMs + 6000) == [])
    }

    // MARK: Filters

    private func policy(_ conditions: (SpanFilter.Subject, SpanFilter.Expected)...) -> SpanFilter.Policy {
        SpanFilter.Policy(conditions.map { (subject: $0.0, expected: $0.1) })
    }

    @Test("filters look at kind, name, status and attributes")
    func filters() throws {
        let regex = try Regex("^/api", anchored: false)
        let cases: [(SpanFilter.Policy, [String])] = [
            (policy((.kind, .text("SPAN_KIND_CLIENT"))), ["b"]),
            (policy((.status, .text("STATUS_CODE_ERROR"))), ["c"]),
            (policy((.name, .text("a"))), ["a"]),
            (policy((.span("code"), .int(200))), ["a"]),
            (policy((.span("path"), .regex(regex)), (.resource("zone"), .text("eu"))), ["b", "c"]),
            (policy((.span("ok"), .bool(true))), ["c"]),
            (policy((.span("load"), .double(0.5))), ["b"]),
            (policy((.span("code"), .text("200"))), []),
        ]
        for (policy, expected) in cases {
            let fixture = try GeneratorFixture(
                config {
                    $0.filter.include = [policy]
                    $0.intrinsics = .init()
                })
            fixture.add(
                GeneratorFixture.request(
                    "s", resource: [("zone", "eu")],
                    [
                        span(1, "a", attributes: [("code", 200), ("path", "/x/api")]),
                        span(2, "b", kind: 3, attributes: [("path", "/api/b"), ("load", 0.5)]),
                        span(3, "c", status: 2, attributes: [("path", "/api/c"), ("ok", true)]),
                    ]))
            let names = try fixture.series().compactMap { $0.labels["span_name"] }.sorted()
            #expect(names == expected)
            #expect(fixture.generator.statistics.counts.spanMetricsFiltered == 3 - expected.count)
        }
    }

    @Test("exclude comes first, include_any lets pass what include would not")
    func filterOrder() throws {
        func named(_ name: String) -> SpanFilter.Policy { policy((.name, .text(name))) }
        let fixture = try GeneratorFixture(
            config {
                $0.filter.include = [policy((.kind, .text("SPAN_KIND_SERVER")))]
                $0.filter.includeAny = [named("any"), named("both")]
                $0.filter.exclude = [named("both")]
            })
        fixture.add(
            GeneratorFixture.request(
                "s", [span(1, "any", kind: 1), span(2, "both"), span(3, "server"), span(4, "other", kind: 1)]))
        #expect(try fixture.series().compactMap { $0.labels["span_name"] }.sorted() == ["any", "server"])
    }
}
