import MartletCore
import Testing
import Wire

@Suite("OTLP metric translation")
struct OTLPMetricTranslationTests {
    private static let resource = OTLP.Resource(attributes: [
        .init(key: "service.name", value: "shop"), .init(key: "service.namespace", value: "eu"),
        .init(key: "service.instance.id", value: "i-1"), .init(key: "host.name", value: "h"),
    ])

    private func translate(
        _ metrics: [OTLP.Metric], resource: OTLP.Resource = OTLP.Resource(),
        options: OTLPMetricTranslation.Options = .init()
    ) -> OTLPMetricTranslation {
        OTLPMetricTranslation(
            OTLP.Metrics(resourceMetrics: [.init(resource: resource, scopeMetrics: [.init(metrics: metrics)])]),
            options: options)
    }

    private func lines(_ translation: OTLPMetricTranslation) -> [String] {
        translation.series.map { series in
            let samples = translation.samples[series.samples].map { "\($0.value)@\($0.timestamp)" }
            return "\(series.labels) \(samples.joined(separator: " "))"
        }
    }

    @Test("sums become counters with job and instance, the rest of the resource target_info")
    func sum() {
        let point = OTLP.NumberDataPoint(
            attributes: [.init(key: "http.method", value: "GET"), .init(key: "n", value: 5)],
            timeUnixNano: 1_000_000_000_000, value: .int(7),
            exemplars: [.init(timeUnixNano: 999_000_000_000, value: .double(0.5), traceID: .init(high: 0, low: 1))])
        let translation = translate(
            [
                .init(
                    name: "shop.orders", description: "orders", unit: "1",
                    data: .sum([point], temporality: 2, isMonotonic: true))
            ], resource: Self.resource)
        #expect(
            lines(translation) == [
                #"shop_orders_total{http_method="GET", instance="i-1", job="eu/shop", n="5"} 7.0@1000000"#,
                #"target_info{host_name="h", instance="i-1", job="eu/shop"} 1.0@1000000"#,
            ])
        #expect(translation.metadata.map(\.family) == ["shop_orders_total"])
        #expect(translation.metadata.map(\.type) == [.counter])
        #expect(translation.metadata.map(\.help) == ["orders"])
        #expect(translation.exemplars.map(\.timestamp) == [999_000])
        #expect(
            translation.exemplars.map(\.labels) == [Labels([("trace_id", "00000000000000000000000000000001")])])
        #expect(translation.series[0].exemplars == 0..<1)
        #expect(translation.partialSuccess.isFull)
    }

    @Test("labels of a resource that repeat with each point end the translation where they take more than they may")
    func largeLabels() {
        let point = OTLP.NumberDataPoint(timeUnixNano: 1, value: .int(7))
        let resource = OTLP.Resource(attributes: [
            .init(key: "service.instance.id", value: .string(ByteString(String(repeating: "x", count: 1 << 20))))
        ])
        var options = OTLPMetricTranslation.Options()
        options.labelLimit = 10 << 20
        let metric = OTLP.Metric(name: "m", data: .gauge(Array(repeating: point, count: 50_000)))
        let translation = translate([metric], resource: resource, options: options)
        #expect(translation.isTooLarge)
        #expect(translation.series.count == 10)
        #expect(!translate([metric], options: options).isTooLarge)
    }

    @Test("histograms become cumulative classic buckets")
    func histogram() {
        let point = OTLP.HistogramDataPoint(
            timeUnixNano: 1_000_000, count: 6, sum: 3.5, bucketCounts: [1, 2, 3], explicitBounds: [0.5, 1],
            exemplars: [.init(value: .double(0.7)), .init(value: .double(40))])
        let translation = translate([.init(name: "d", unit: "s", data: .histogram([point], temporality: 2))])
        #expect(
            lines(translation) == [
                "d_seconds_sum 3.5@1", "d_seconds_count 6.0@1", #"d_seconds_bucket{le="0.5"} 1.0@1"#,
                #"d_seconds_bucket{le="1"} 3.0@1"#, #"d_seconds_bucket{le="+Inf"} 6.0@1"#,
            ])
        #expect(translation.series.map(\.exemplars.count) == [0, 0, 0, 1, 1])
    }

    @Test("summaries become quantiles, sum and count")
    func summary() {
        let point = OTLP.SummaryDataPoint(
            timeUnixNano: 1_000_000, count: 2, sum: 3, quantileValues: [.init(quantile: 0.99, value: 4)])
        #expect(
            lines(translate([.init(name: "s", data: .summary([point]))])) == [
                "s_sum 3.0@1", "s_count 2.0@1", #"s{quantile="0.99"} 4.0@1"#,
            ])
    }

    @Test("points without a recorded value become stale markers")
    func stale() {
        let translation = translate([.init(name: "g", data: .gauge([.init(timeUnixNano: 5_000_000, flags: 1)]))])
        #expect(translation.samples.map(\.value.bitPattern) == [0x7ff0_0000_0000_0002])
    }

    @Test("colliding labels are joined in the order of their names")
    func collisions() {
        let point = OTLP.NumberDataPoint(
            attributes: [.init(key: "a_b", value: "2"), .init(key: "a.b", value: "1")], value: .double(1))
        #expect(lines(translate([.init(name: "g", data: .gauge([point]))])) == [#"g{a_b="1;2"} 1.0@0"#])
    }

    @Test("exponential histograms become native ones: indices one higher, at most schema 8, gaps between spans")
    func exponential() throws {
        let counts: [UInt64] = [1, 2, 0, 3, 0, 0, 0, 4]
        let fine = OTLP.ExponentialHistogramDataPoint(
            timeUnixNano: 5_000_000, count: 13, sum: 6.5, scale: 3, zeroCount: 3,
            positive: .init(offset: -2, bucketCounts: counts))
        let finest = OTLP.ExponentialHistogramDataPoint(
            timeUnixNano: 6_000_000, count: 10, scale: 9, negative: .init(offset: -3, bucketCounts: counts),
            zeroThreshold: 0.25)
        let stale = OTLP.ExponentialHistogramDataPoint(timeUnixNano: 7_000_000, flags: 1)
        let coarse = OTLP.ExponentialHistogramDataPoint(scale: -5)
        let translation = translate([
            .init(name: "exp", data: .exponentialHistogram([fine, finest, stale, coarse], temporality: 2))
        ])
        #expect(translation.series.map(\.histograms) == [0..<1, 1..<2, 2..<3])
        #expect(translation.series.allSatisfy { $0.labels == Labels([("__name__", "exp")]) })
        let found = translation.histograms
        #expect(found.map(\.timestamp) == [5, 6, 7])
        #expect(found[0].schema == 3 && found[0].zeroThreshold == 1e-128 && found[0].zeroCount == 3)
        #expect(found[0].count == 13 && found[0].sum == 6.5)
        #expect(found[0].positiveSpans == [.init(offset: -1, length: 4), .init(offset: 3, length: 1)])
        #expect(found[0].positive == [1, 2, 0, 3, 4])
        // -3…4 in pairs: (-3), (-2, -1), (0, 1), (2, 3), (4).
        #expect(found[1].schema == 8 && found[1].zeroThreshold == 0.25 && found[1].positive.isEmpty)
        #expect(found[1].negativeSpans == [.init(offset: -1, length: 5)])
        #expect(found[1].negative == [1, 2, 3, 0, 4])
        #expect(found[2].sum.bitPattern == OTLPMetricTranslation.staleMarker.bitPattern)
        #expect(translation.rejected == 1)
        #expect(
            translation.reasons == [#"metric "exp" cannot become a native histogram: its scale must be >= -4, was -5"#])
    }

    @Test("delta and empty metrics are refused and named")
    func refusals() {
        let translation = translate([
            .init(name: "delta", data: .sum([.init(), .init()], temporality: 1, isMonotonic: true)),
            .init(name: "exp", data: .exponentialHistogram([.init()], temporality: 1)), .init(name: "none"),
            .init(name: "unset", data: .histogram([.init()], temporality: 0)),
            .init(name: "valueless", data: .gauge([.init()])),
        ])
        #expect(translation.series.isEmpty)
        #expect(translation.rejected == 5)
        #expect(translation.metadata.isEmpty)
        #expect(translation.partialSuccess.message.contains("metric \"delta\" has delta temporality"))
        #expect(translation.reasons.count == 4)
    }

    @Test("target_info covers the batch, within bounds")
    func targetInfo() {
        func points(_ times: [UInt64]) -> [OTLP.Metric] {
            [.init(name: "g", data: .gauge(times.map { .init(timeUnixNano: $0 * 1_000_000, value: .int(1)) }))]
        }
        let near = translate(points([0, 400_000]), resource: Self.resource)
        #expect(lines(near).last?.hasSuffix("} 1.0@0 1.0@150000 1.0@300000 1.0@400000") == true)
        let far = translate(points([0, 9_000_000_000_000]), resource: Self.resource)
        #expect(far.series.last?.samples.count == 101)
        #expect(translate(points([1]), resource: OTLP.Resource()).series.count == 1)
    }

    @Test("promoted attributes become labels of every series")
    func promotion() {
        let point = OTLP.NumberDataPoint(value: .double(1))
        let translation = translate(
            [.init(name: "g", data: .gauge([point]))], resource: Self.resource,
            options: .init(promotedAttributes: ["host.name"]))
        #expect(lines(translation)[0] == #"g{host_name="h", instance="i-1", job="eu/shop"} 1.0@0"#)
    }
}
