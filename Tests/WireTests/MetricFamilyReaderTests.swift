import MartletCore
import Testing
import Wire

@Suite("Metrics in protobuf")
struct MetricFamilyReaderTests {
    /// What a reader gives, a line for each entry.
    private func read(_ bytes: [UInt8], _ reading: HistogramReading = HistogramReading()) throws -> [String] {
        try bytes.withUnsafeBytes { bytes in
            var reader = MetricFamilyReader(bytes, reading)
            var lines: [String] = []
            while let entry = try reader.next() {
                switch entry {
                case .help: lines.append("help \(reader.familyName) \(reader.unescapedText)")
                case .unit: lines.append("unit \(reader.familyName) \(reader.unescapedText)")
                case .type: lines.append("type \(reader.familyName) \(reader.type.rawValue)")
                case .series:
                    var line = "\(text(try reader.labels())) \(FloatText.general(reader.value))"
                    if let timestamp = reader.timestamp { line += " @\(timestamp)" }
                    if let start = reader.startTimestamp { line += " from \(start)" }
                    lines.append(line + (try exemplars(&reader)))
                case .histogram:
                    let histogram = reader.histogram
                    let counts = histogram.isFloat ? "floats" : "\(histogram.positive)"
                    lines.append(
                        "\(text(try reader.labels())) native \(histogram.schema) \(counts) \(histogram.customBounds)"
                            + " \(histogram.resetHint)" + (try exemplars(&reader)))
                }
            }
            return lines
        }
    }

    private func exemplars(_ reader: inout MetricFamilyReader) throws -> String {
        var result = ""
        try reader.exemplars { labels, time, value in
            result += " # \(text(labels)) \(FloatText.general(value)) \(time.map { "\($0)" } ?? "-")"
        }
        return result
    }

    private func text(_ labels: Labels) -> String {
        "{" + labels.pairs.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ", ") + "}"
    }

    /// The samples among the lines.
    private func samples(_ lines: [String]) -> [String] { lines.filter { $0.hasPrefix("{") } }

    private static func exemplar(_ writer: inout ProtoWriter, _ field: UInt32, _ value: Double, seconds: Int64?) {
        writer.message(field) { exemplar in
            exemplar.message(1) { pair in
                pair.string(1, "trace")
                pair.string(2, "t\(Int(value))")
            }
            exemplar.double(2, value)
            if let seconds {
                exemplar.message(3) { time in
                    time.int64(1, seconds)
                    time.int64(2, 500_000_000)
                }
            }
        }
    }

    /// A histogram with a native and a classic form: 1 observation up to 0.5, 3 up to 2, 6 in all.
    private static func histogram(
        _ writer: inout MetricFamilyWriter, _ labels: [(name: String, value: String)] = [("l", "v")],
        isNative: Bool = true
    ) {
        writer.metric(labels) { metric in
            metric.message(7) { histogram in
                histogram.uint64(1, 6)
                histogram.double(2, 9.5)
                for (bound, count) in [(0.5, UInt64(1)), (2, 3)] {
                    histogram.message(3) { bucket in
                        bucket.uint64(1, count)
                        bucket.double(2, bound)
                        exemplar(&bucket, 3, bound, seconds: bound == 2 ? 9 : nil)
                    }
                }
                guard isNative else { return }
                histogram.sint64(5, 3)
                histogram.double(6, 1e-9)
                histogram.uint64(7, 1)
                histogram.message(12) { span in
                    span.sint64(1, -2)
                    span.uint64(2, 2)
                }
                // Two buckets of 2 and 3, once packed, once not.
                histogram.packedUInt64(13, [4])
                histogram.sint64(13, 1)
            }
        }
    }

    @Test("what is said about a family comes before its samples; a family without any is passed over")
    func families() throws {
        var writer = MetricFamilyWriter()
        writer.family("empty", .gauge, help: "nothing")
        writer.family("a_seconds", .gauge, help: "A\nhelp.", unit: "seconds")
        writer.metric([("z", "1"), ("b", "2"), ("e", "")], timestamp: 5) { $0.message(2) { $0.double(1, 1.5) } }
        writer.family("u.x", .unknown)
        writer.untyped([], -2, timestamp: 0)
        #expect(
            try read(writer.finish()) == [
                "help a_seconds A\nhelp.", "unit a_seconds seconds", "type a_seconds gauge",
                #"{__name__="a_seconds", b="2", z="1"} 1.5 @5"#,
                "help u.x ", "type u.x unknown", #"{__name__="u.x"} -2"#,
            ])
    }

    @Test("a counter tells when its count began, and has an exemplar")
    func counter() throws {
        var writer = MetricFamilyWriter()
        writer.family("c_total", .counter)
        writer.metric([]) { metric in
            metric.message(3) { counter in
                counter.double(1, 7)
                Self.exemplar(&counter, 2, 4, seconds: nil)
                counter.message(3) { $0.int64(1, 1000) }
            }
        }
        #expect(
            try samples(read(writer.finish())) == [#"{__name__="c_total"} 7 from 1000000 # {trace="t4"} 4 -"#])
    }

    @Test("a summary is its count, its sum and its quantiles")
    func summary() throws {
        var writer = MetricFamilyWriter()
        writer.family("s", .summary)
        writer.metric([]) { metric in
            metric.message(4) { summary in
                summary.uint64(1, 4)
                summary.double(2, 10)
                summary.message(3) { quantile in
                    quantile.double(1, 1)
                    quantile.double(2, 6)
                }
            }
        }
        writer.metric([("without", "quantiles")]) { $0.message(4) { $0.uint64(1, 1) } }
        #expect(
            try samples(read(writer.finish())) == [
                #"{__name__="s_count"} 4"#, #"{__name__="s_sum"} 10"#, #"{__name__="s", quantile="1.0"} 6"#,
                #"{__name__="s_count", without="quantiles"} 1"#, #"{__name__="s_sum", without="quantiles"} 0"#,
            ])
    }

    static let classic = [
        #"{__name__="h_count", l="v"} 6"#, #"{__name__="h_sum", l="v"} 9.5"#,
        #"{__name__="h_bucket", l="v", le="0.5"} 1 # {trace="t0"} 0.5 -"#,
        #"{__name__="h_bucket", l="v", le="2.0"} 3 # {trace="t2"} 2 9500"#,
        #"{__name__="h_bucket", l="v", le="+Inf"} 6"#,
    ]
    static let native = #"{__name__="h", l="v"} native 3 [2, 3] [] 0 # {trace="t2"} 2 9500"#
    static let converted = #"{__name__="h", l="v"} native -53 [1, 2, 3] [0.5, 2.0] 0 # {trace="t2"} 2 9500"#

    @Test(
        "of a histogram the forms are given that are wanted",
        arguments: [
            (HistogramReading(), true, MetricFamilyReaderTests.classic),
            (HistogramReading(takesNative: true), true, [MetricFamilyReaderTests.native]),
            (
                HistogramReading(takesNative: true, keepsClassic: true), true,
                [MetricFamilyReaderTests.native] + MetricFamilyReaderTests.classic
            ),
            (HistogramReading(takesNative: true, convertsClassic: true), true, [MetricFamilyReaderTests.native]),
            (HistogramReading(takesNative: true), false, MetricFamilyReaderTests.classic),
            (HistogramReading(takesNative: true, convertsClassic: true), false, [MetricFamilyReaderTests.converted]),
            (HistogramReading(convertsClassic: true), true, [MetricFamilyReaderTests.converted]),
            (
                HistogramReading(keepsClassic: true, convertsClassic: true), true,
                MetricFamilyReaderTests.classic + [MetricFamilyReaderTests.converted]
            ),
        ])
    func forms(reading: HistogramReading, isNative: Bool, lines: [String]) throws {
        var writer = MetricFamilyWriter()
        writer.family("h", .histogram)
        Self.histogram(&writer, isNative: isNative)
        #expect(try samples(read(writer.finish(), reading)) == lines)
    }

    @Test("a family's histograms each have all their parts")
    func severalHistograms() throws {
        var writer = MetricFamilyWriter()
        writer.family("h", .gaugeHistogram)
        Self.histogram(&writer, [("n", "1")])
        Self.histogram(&writer, [("n", "2")], isNative: false)
        let lines = try samples(read(writer.finish(), HistogramReading(takesNative: true)))
        #expect(lines.count == 6)
        #expect(lines.first == #"{__name__="h", n="1"} native 3 [2, 3] [] 3 # {trace="t2"} 2 9500"#)
        #expect(lines.last == #"{__name__="h_bucket", le="+Inf", n="2"} 6"#)
    }

    @Test("exemplars of the histogram itself go before those of its buckets")
    func ownExemplars() throws {
        var writer = MetricFamilyWriter()
        writer.family("h", .histogram)
        writer.metric([]) { metric in
            metric.message(7) { histogram in
                histogram.message(12) { $0.uint64(2, 0) }
                histogram.message(3) { Self.exemplar(&$0, 3, 1, seconds: 1) }
                Self.exemplar(&histogram, 16, 2, seconds: 2)
                Self.exemplar(&histogram, 16, 3, seconds: nil)
            }
        }
        #expect(
            try samples(read(writer.finish(), HistogramReading(takesNative: true))) == [
                #"{__name__="h"} native 0 [] [] 0 # {trace="t2"} 2 2500"#
            ])
    }

    @Test("what federation writes is read back")
    func federated() throws {
        var histogram = RemoteWrite.Histogram()
        histogram.isFloat = true
        histogram.count = (3.5).bitPattern
        histogram.sum = 2
        histogram.schema = 1
        histogram.zeroThreshold = 0.001
        histogram.zeroCount = (0.5).bitPattern
        histogram.positiveSpans = [.init(offset: -1, length: 1), .init(offset: 2, length: 1)]
        histogram.positive = [(1.0).bitPattern, (1.5).bitPattern]
        histogram.negativeSpans = [.init(offset: 4, length: 1)]
        histogram.negative = [(0.5).bitPattern]
        var writer = MetricFamilyWriter()
        writer.family("h", .histogram)
        writer.native([("a", "b")], histogram, timestamp: 7)
        writer.classic([("a", "c")], count: 2, sum: 3, buckets: [(0.5, 1.5)], timestamp: 7)
        try writer.finish().withUnsafeBytes { bytes in
            var reader = MetricFamilyReader(bytes, HistogramReading(takesNative: true))
            #expect(try reader.next() == .help)
            #expect(try reader.next() == .type)
            #expect(try reader.next() == .histogram)
            #expect(reader.histogram == histogram)
            #expect(reader.timestamp == 7)
            var values: [Double] = []
            while try reader.next() != nil { values.append(reader.value) }
            #expect(values == [2, 3, 1.5, 2])
        }
    }

    @Test("a key names one series: it differs where labels, bounds or parts do, and is the same in the next scrape")
    func keys() throws {
        var writer = MetricFamilyWriter()
        writer.family("h", .histogram)
        Self.histogram(&writer, [("n", "1")])
        Self.histogram(&writer, [("n", "2")])
        writer.family("h_sum", .gauge)
        writer.metric([("n", "1")]) { $0.message(2) { $0.double(1, 1) } }
        let bytes = writer.finish()
        func keys() throws -> [[UInt8]] {
            try bytes.withUnsafeBytes { bytes in
                var reader = MetricFamilyReader(bytes, HistogramReading(takesNative: true, keepsClassic: true))
                var keys: [[UInt8]] = []
                while let entry = try reader.next() {
                    if entry == .series || entry == .histogram { keys.append(reader.withKey { [UInt8]($0) }) }
                }
                return keys
            }
        }
        let first = try keys()
        #expect(first.count == 13)
        #expect(Set(first).count == 13)
        #expect(try keys() == first)
    }

    @Test(
        "a message that makes no sense is refused with a reason",
        arguments: [
            ([0x05, 0x0a], "input ends early"),
            ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], "ends early"),
            ([0x02, 0x22, 0x00], "invalid metric name"), ([0x05, 0x0a, 0x01, 0xff, 0x22, 0x00], "invalid metric name"),
            ([0x07, 0x0a, 0x01, 0x61, 0x18, 0x09, 0x22, 0x00], #"unknown metric type for metric "a": 9"#),
            ([0x09, 0x0a, 0x01, 0x61, 0x22, 0x04, 0x0a, 0x02, 0x0a, 0x00], "invalid label name"),
        ] as [([UInt8], String)])
    func refused(bytes: [UInt8], text: String) {
        let error = #expect(throws: WireError.self) { try read(bytes) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }

    @Test("spans and counts of a native histogram that do not fit are refused in Prometheus' words")
    func spans() {
        var writer = MetricFamilyWriter()
        writer.family("h", .histogram)
        writer.metric([]) { $0.message(7) { $0.message(12) { $0.uint64(2, 3) } } }
        let bytes = writer.finish()
        let error = #expect(throws: WireError.self) { try read(bytes, HistogramReading(takesNative: true)) }
        #expect(
            error?.description.contains(#"histogram "h": positive side: spans require 3 buckets, have 0"#) == true)
    }

    @Test("a label given twice is refused")
    func duplicateLabel() {
        var writer = MetricFamilyWriter()
        writer.family("a", .unknown)
        writer.untyped([("x", "1"), ("x", "2")], 1, timestamp: 0)
        let bytes = writer.finish()
        let error = #expect(throws: WireError.self) { try read(bytes) }
        #expect(error?.description.contains(#"label name "x" is not unique"#) == true)
    }

    @Test("a metric of more bytes than may be is refused before it is taken apart")
    func largeMetric() {
        var writer = MetricFamilyWriter()
        writer.family("a", .unknown)
        writer.untyped([("x", String(repeating: "v", count: MetricFamilyReader.metricLimit))], 1, timestamp: 0)
        let bytes = writer.finish()
        let error = #expect(throws: WireError.self) { try read(bytes) }
        #expect(error == .tooLarge(limit: MetricFamilyReader.metricLimit, what: "a metric of a in bytes"))
    }

    @Test("a scrape whose series are far longer than itself is refused")
    func manyLongSeries() {
        var writer = MetricFamilyWriter()
        writer.family("h", .histogram)
        let label = (name: "x", value: String(repeating: "v", count: 100_000))
        writer.classic(
            [label], count: 1, sum: 1, buckets: (0..<10_000).map { (Double($0), 1) }, timestamp: 0)
        let bytes = writer.finish()
        let error = #expect(throws: WireError.self) { try read(bytes) }
        #expect(error == .tooLarge(limit: 64 * bytes.count + (1 << 20), what: "all series of a scrape in bytes"))
    }

    @Test("broken bytes end in samples or in an error", arguments: 0..<8)
    func broken(seed: UInt64) throws {
        var writer = MetricFamilyWriter()
        writer.family("h", .histogram, help: "help", unit: "s")
        Self.histogram(&writer)
        writer.family("c", .counter)
        writer.metric([("a", "b")], timestamp: 1) { metric in
            metric.message(3) { counter in
                counter.double(1, 7)
                Self.exemplar(&counter, 2, 4, seconds: 1)
            }
        }
        let bytes = writer.finish()
        var random = SplitMix64(seed: seed)
        var refused = 0
        for _ in 0..<2000 {
            let mutated = random.mutate(bytes)
            let reading = HistogramReading(
                takesNative: .random(using: &random), keepsClassic: .random(using: &random),
                convertsClassic: .random(using: &random))
            do {
                // A metric of two bytes may be three samples, and what is said about its family.
                #expect(try read(mutated, reading).count <= 16 * (mutated.count + 1))
            } catch is WireError {
                refused += 1
            }
        }
        #expect(refused > 100)
    }
}
