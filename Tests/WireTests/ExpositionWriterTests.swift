import MartletCore
import Testing
import Wire

@Suite("Exposition writer")
struct ExpositionWriterTests {
    private func write(_ format: ExpositionFormat) -> String {
        var writer = ExpositionWriter(format)
        writer.family("requests_total", .counter, help: "a \\ \"b\"\nc")
        writer.sample(labels: [("code", "200"), ("path", "a\"b\\c\nd")], value: 1027)
        writer.family("latency_seconds", .histogram, unit: "seconds")
        writer.sample(suffix: "_bucket", labels: [("le", "+Inf")], value: 3, timestamp: 1500)
        writer.sample(suffix: "_sum", value: 0.25)
        writer.family("free", .counter)
        writer.sample(value: 1e21)
        writer.family("my.metric", .unknown)
        writer.sample(labels: [("a.b", "c")], value: .nan)
        writer.sample(Labels([("__name__", "other.one"), ("x", "y")]), value: -.infinity)
        writer.sample(Labels([("__name__", "plain")]), value: 1)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    @Test("text")
    func text() {
        #expect(
            write(.text) == """
                # HELP requests_total a \\\\ "b"\\nc
                # TYPE requests_total counter
                requests_total{code="200",path="a\\"b\\\\c\\nd"} 1027
                # TYPE latency_seconds histogram
                latency_seconds_bucket{le="+Inf"} 3 1500
                latency_seconds_sum 0.25
                # TYPE free counter
                free 1e+21
                # TYPE "my.metric" untyped
                {"my.metric","a.b"="c"} NaN
                {"other.one",x="y"} -Inf
                plain 1

                """)
    }

    @Test("OpenMetrics")
    func openMetrics() {
        #expect(
            write(.openMetrics) == """
                # HELP requests a \\\\ \\"b\\"\\nc
                # TYPE requests counter
                requests_total{code="200",path="a\\"b\\\\c\\nd"} 1027.0
                # TYPE latency_seconds histogram
                # UNIT latency_seconds seconds
                latency_seconds_bucket{le="+Inf"} 3.0 1.500
                latency_seconds_sum 0.25
                # TYPE free counter
                free_total 1e+21
                # TYPE "my.metric" unknown
                {"my.metric","a.b"="c"} NaN
                {"other.one",x="y"} -Inf
                plain 1.0
                # EOF

                """)
    }

    @Test("what is written reads back", arguments: [ExpositionFormat.text, .openMetrics])
    func roundTrip(format: ExpositionFormat) throws {
        let parsed = try ExpositionParserTests.parse(write(format), format)
        #expect(parsed.samples.count == 7)
        #expect(
            parsed.samples[0].labels
                == Labels([("__name__", "requests_total"), ("code", "200"), ("path", "a\"b\\c\nd")]))
        #expect(parsed.samples[1].timestamp == 1500)
    }
}
