import MartletCore
import Testing
import Wire

@Suite("Exposition parser")
struct ExpositionParserTests {
    struct Sample: Equatable {
        var labels: Labels
        var value: Double
        var timestamp: Int64?
    }

    struct Parsed: Equatable {
        var samples: [Sample] = []
        var lines: [String] = []
        var exemplars: [Sample] = []
    }

    static func parse(_ bytes: [UInt8], _ format: ExpositionFormat) throws -> Parsed {
        try bytes.withUnsafeBytes { buffer in
            var parser = ExpositionParser(buffer, format: format)
            var parsed = Parsed()
            while let entry = try parser.next() {
                switch entry {
                case .series, .histogram:
                    parsed.samples.append(
                        Sample(labels: try parser.labels(), value: parser.value, timestamp: parser.timestamp))
                    if let exemplar = parser.exemplar {
                        let labels = try parser.labels(of: exemplar)
                        parsed.exemplars.append(
                            Sample(labels: labels, value: exemplar.value, timestamp: exemplar.timestamp))
                    }
                case .type: parsed.lines.append("type \(parser.familyName) \(parser.type)")
                case .help: parsed.lines.append("help \(parser.familyName) \(parser.unescapedText)")
                case .unit: parsed.lines.append("unit \(parser.familyName) \(parser.unescapedText)")
                }
            }
            return parsed
        }
    }

    static func parse(_ text: String, _ format: ExpositionFormat) throws -> Parsed {
        try parse(Array(text.utf8), format)
    }

    @Test("text: samples, timestamps in milliseconds, blanks and comments")
    func text() throws {
        let parsed = try Self.parse(
            """
            # HELP http_requests_total The \\\\ total \\n number.
            # TYPE http_requests_total counter
            http_requests_total{method="post",code="200"} 1027 1395066363000
            http_requests_total{method="post",code="400",}    3 \t 1395066363000
            # just a comment
            #
            #HELP nothing

              metric_without_labels 12.47
            with_blanks { a = "1" , b = "2" } 1
            msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9
            weird_values{x="}#\\d"} -Inf -3982045
            nan NaN
            last +Inf
            """, .text)
        #expect(
            parsed.lines == ["help http_requests_total The \\ total \n number.", "type http_requests_total counter"])
        let nan = try #require(parsed.samples.first { $0.labels == Labels([("__name__", "nan")]) })
        #expect(nan.value.isNaN)
        #expect(
            parsed.samples.filter { !$0.value.isNaN } == [
                Sample(
                    labels: Labels([("__name__", "http_requests_total"), ("method", "post"), ("code", "200")]),
                    value: 1027, timestamp: 1_395_066_363_000),
                Sample(
                    labels: Labels([("__name__", "http_requests_total"), ("method", "post"), ("code", "400")]),
                    value: 3, timestamp: 1_395_066_363_000),
                Sample(labels: Labels([("__name__", "metric_without_labels")]), value: 12.47),
                Sample(labels: Labels([("__name__", "with_blanks"), ("a", "1"), ("b", "2")]), value: 1),
                Sample(
                    labels: Labels([
                        ("__name__", "msdos_file_access_time_seconds"), ("path", "C:\\DIR\\FILE.TXT"),
                        ("error", "Cannot find file:\n\"FILE.TXT\""),
                    ]), value: 1.458255915e9),
                Sample(
                    labels: Labels([("__name__", "weird_values"), ("x", "}#\\d")]), value: -.infinity,
                    timestamp: -3_982_045),
                Sample(labels: Labels([("__name__", "last")]), value: .infinity),
            ])
    }

    @Test("both formats: UTF-8 names in quotes", arguments: [ExpositionFormat.text, .openMetrics])
    func quotedNames(format: ExpositionFormat) throws {
        let parsed = try Self.parse(
            """
            # HELP "my.metric" about it
            # TYPE "my.metric" gauge
            {"my.metric","l.x"="v",plain="w"} 1
            {"only.name"} 2
            legacy{"dotted.label"="ü"} 3
            {a="b"} 4

            """ + (format == .openMetrics ? "# EOF\n" : ""), format)
        #expect(parsed.lines == ["help my.metric about it", "type my.metric gauge"])
        #expect(
            parsed.samples.map(\.labels) == [
                Labels([("__name__", "my.metric"), ("l.x", "v"), ("plain", "w")]), Labels([("__name__", "only.name")]),
                Labels([("__name__", "legacy"), ("dotted.label", "ü")]), Labels([("a", "b")]),
            ])
    }

    @Test("OpenMetrics: units, timestamps in seconds, exemplars, end mark")
    func openMetrics() throws {
        let parsed = try Self.parse(
            """
            # TYPE foo_seconds counter
            # UNIT foo_seconds seconds
            # HELP foo_seconds say \\"hi\\"
            foo_seconds_total{a="b"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67
            foo_seconds_created{a="b"} 1.5e9
            bar_bucket{le="+Inf"} 3 # {} 1.5 1520879607.5
            # TYPE state stateset
            state{state="x"} 1
            # EOF

            """, .openMetrics)
        #expect(
            parsed.lines == [
                "type foo_seconds counter", "unit foo_seconds seconds", "help foo_seconds say \"hi\"",
                "type state stateSet",
            ])
        #expect(parsed.samples[0].timestamp == 1_520_879_607_789)
        #expect(parsed.samples.map(\.value) == [17, 1.5e9, 3, 1])
        #expect(
            parsed.exemplars == [
                Sample(labels: Labels([("trace_id", "KOO5S4vxi0o")]), value: 0.67),
                Sample(labels: Labels(), value: 1.5, timestamp: 1_520_879_607_500),
            ])
    }

    @Test(
        "both formats: bounds of histograms and quantiles of summaries are spelled as OpenMetrics spells numbers",
        arguments: [ExpositionFormat.text, .openMetrics])
    func numberLabels(format: ExpositionFormat) throws {
        let parsed = try Self.parse(
            """
            h_bucket{le="1"} 1
            # TYPE h histogram
            h_bucket{le="1",quantile="1"} 1
            h_bucket{le="1000000"} 1
            h_bucket{le="1e5"} 1
            h_bucket{"le"="0.50"} 1
            h_bucket{le="+Inf"} 1
            h_bucket{le="none"} 1
            h_bucket{le=""} 1
            # TYPE s summary
            s{quantile="0",le="1"} 1
            s{quantile="NaN"} 1
            # TYPE g gauge
            g{quantile="1",le="1"} 1

            """ + (format == .openMetrics ? "# EOF\n" : ""), format)
        #expect(
            parsed.samples.map { $0.labels["le"] } == [
                "1", "1.0", "1e+06", "100000.0", "0.5", "+Inf", "none", nil, "1", nil, "1",
            ])
        #expect(
            parsed.samples.map { $0.labels["quantile"] } == [
                nil, "1", nil, nil, nil, nil, nil, nil, "0.0", "NaN", "1",
            ])
    }

    @Test("numbers that get longer have their room, and an exemplar's labels stay as they are")
    func longerNumbers() throws {
        let labels = (0..<50).map { "\"x\\\\\($0)\"=\"\\n\"" }.joined(separator: ",")
        let parsed = try Self.parse(
            "# TYPE h histogram\nh_bucket{le=\"-1e5\",\(labels)} 1 # {le=\"1\"} 1\n# EOF\n", .openMetrics)
        #expect(parsed.samples.map { $0.labels["le"] } == ["-100000.0"])
        #expect(parsed.samples.map { $0.labels["x\\49"] } == ["\n"])
        #expect(parsed.exemplars.map(\.labels) == [Labels([("le", "1")])])
        #expect(throws: WireError.self) {
            let twice = [String](repeating: "le=\"1e5\"", count: 100).joined(separator: ",")
            _ = try Self.parse("# TYPE h histogram\nh{\(twice)} 1\n", .text)
        }
    }

    @Test(
        "text: refuses with the line's number",
        arguments: [
            ("a 1\nb{", "line 2: unterminated labels"), ("a", "line 1: expected a value, got the end"),
            ("a{b=\"c\"", "line 1: unterminated labels"), ("a{b=\"c} 1\n", "line 1: unterminated string in labels"),
            ("a b\n", "line 1: invalid value \"b\""), ("\n\na 0x1\n", "line 3: invalid value \"0x1\""),
            ("a 1_000\n", "line 1: invalid value \"1_000\""), ("a 1 1.5\n", "line 1: invalid timestamp \"1.5\""),
            ("a 1 2 3\n", "line 1: expected the line to end after the timestamp, got '3'"),
            ("a{b=c} 1\n", "line 1: expected a quoted label value"),
            ("a{b} 1\n", "line 1: expected '=' after a label name"),
            ("a{b=\"1\" c=\"2\"} 1\n", "line 1: expected ',' or '}' after a label"),
            ("a{b=\"1\",b=\"2\"} 1\n", "line 1: label name \"b\" is not unique"),
            ("a{,} 1\n", "line 1: expected a label name"), ("1a 1\n", "line 1: invalid metric name"),
            ("a{1b=\"x\"} 1\n", "line 1: expected a label name"),
            ("{\"a\",\"b\"} 1\n", "line 1: metric name given twice"),
            ("-a 1\n", "line 1: expected a metric name, got '-'"),
            ("# TYPE a thing\n", "line 1: invalid metric type \"thing\""),
            ("a 1e999\n", "line 1: invalid value \"1e999\""),
        ])
    func textRefusals(text: String, message: String) {
        do {
            _ = try Self.parse(text, .text)
            Issue.record("accepted")
        } catch {
            #expect("\(error)" == message)
        }
    }

    @Test(
        "OpenMetrics: refuses what the format does not allow",
        arguments: [
            "a 1\n", "", "a 1\n# EOF\nb 1\n", "\na 1\n# EOF\n", "a  1\n# EOF\n", "a 1 \n# EOF\n", "# comment\n# EOF\n",
            "a 1 x\n# EOF\n", "a 1 NaN\n# EOF\n", "a 1 1e300\n# EOF\n", "# UNIT a seconds\n# EOF\n",
            "a 1 # {a=\"b\"}\n# EOF\n",
            "a 1 # a\n# EOF\n", "a{ b=\"c\"} 1\n# EOF\n", "a 1\n# EOF \n", "# TYPE a untypedx\n# EOF\n",
        ])
    func openMetricsRefusals(text: String) {
        #expect(throws: WireError.self) { try Self.parse(text, .openMetrics) }
    }

    @Test("invalid UTF-8 in names, values and help is refused")
    func invalidUTF8() {
        #expect(throws: WireError.self) { try Self.parse(Array("a{b=\"".utf8) + [0xff] + Array("\"} 1\n".utf8), .text) }
        #expect(throws: WireError.self) {
            try Self.parse(Array("{\"".utf8) + [0xc0, 0x80] + Array("\"} 1\n".utf8), .text)
        }
        #expect(throws: WireError.self) { try Self.parse(Array("# HELP a ".utf8) + [0xff, 0x0a], .text) }
    }

    @Test(
        "cut or mutated anywhere, the parsers answer or refuse but never crash",
        arguments: [ExpositionFormat.text, .openMetrics])
    func hostile(format: ExpositionFormat) {
        let text = Array(
            """
            # HELP a x \\n
            # TYPE a counter
            a_total{b="c\\"\\\\",d="ü"} 1.5e3 1520879607.789 # {t="x"} 0.67 1.5
            {"q.r","s t"="u",v="w"} -0.25 12
            # EOF

            """.utf8)
        for length in 0...text.count { _ = try? Self.parse(Array(text[..<length]), format) }
        var random = SplitMix64(seed: 7)
        for _ in 0..<5_000 {
            _ = try? Self.parse(random.mutate(text), format)
        }
    }

    @Test("the raw text of a series names it")
    func rawSeries() throws {
        let bytes = Array("a{b=\"c\"} 1\nd 2\n".utf8)
        try bytes.withUnsafeBytes { buffer in
            var parser = ExpositionParser(buffer, format: .text)
            _ = try parser.next()
            #expect(parser.series.text(in: buffer) == "a{b=\"c\"}")
            _ = try parser.next()
            #expect(parser.series.text(in: buffer) == "d")
            #expect(try parser.next() == nil)
        }
    }
}
