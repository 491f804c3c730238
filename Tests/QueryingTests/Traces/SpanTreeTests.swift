import Querying
import Testing
import Wire

@Suite("A trace as a tree")
struct SpanTreeTests {
    private func span(
        _ id: UInt64, of parent: UInt64 = 0, _ name: String, _ start: UInt64, _ end: UInt64, error: String? = nil
    ) -> OTLP.Span {
        OTLP.Span(
            spanID: OTLP.SpanID(id), parentSpanID: OTLP.SpanID(parent), name: .init(name),
            startTimeUnixNano: 1_700_000_000_000_000_000 + start, endTimeUnixNano: 1_700_000_000_000_000_000 + end,
            status: .init(message: .init(error ?? ""), code: error == nil ? 0 : 2))
    }

    private func tree(_ services: [(String, [OTLP.Span])]) -> SpanTree {
        SpanTree(
            OTLP.Traces(
                resourceSpans: services.map { service, spans in
                    OTLP.ResourceSpans(
                        resource: .init(attributes: [.init(key: "service.name", value: .string(.init(service)))]),
                        scopeSpans: [.init(spans: spans)])
                }))
    }

    private func lines(_ tree: SpanTree) -> [String] {
        var lines: [String] = []
        tree.write { lines.append($0) }
        return lines
    }

    @Test("Children stand below those that caused them, in the order of their beginnings")
    func drawn() {
        let tree = tree([
            ("db", [span(4, of: 2, "SELECT", 3_000_000, 5_000_000, error: "gone\u{1B}[2J")]),
            (
                "shop",
                [
                    span(3, of: 1, "render", 6_000_000, 9_000_500), span(1, "GET /", 0, 1_234_567_890),
                    span(2, of: 1, "load", 1_500_000, 6_000_000),
                ]
            ),
        ])
        #expect(tree.summary == "4 spans, 2 services, 1.234s, from 2023-11-14T22:13:20Z")
        #expect(
            lines(tree) == [
                " START  DURATION  SPAN",
                "   +0s    1.234s  shop: GET /",
                "+1.5ms     4.5ms  ├─ shop: load",
                "  +3ms       2ms  │  └─ db: SELECT  [error: gone[2J]",
                "  +6ms       3ms  └─ shop: render",
            ])
    }

    @Test("Spans whose parents are missing, and those that are their own ancestors, are shown as well")
    func orphans() {
        let tree = tree([
            (
                "a",
                [
                    span(1, of: 9, "lost", 0, 1), span(2, of: 3, "x", 1, 2), span(3, of: 2, "y", 2, 3),
                    span(4, of: 4, "self", 3, 4),
                ]
            )
        ])
        #expect(lines(tree).dropFirst().count == 4)
    }

    @Test("A chain of thousands is drawn to a depth only")
    func deep() {
        let tree = tree([("a", (1...5000).map { span($0, of: $0 - 1, "s", $0, $0 + 1) })])
        let lines = lines(tree)
        #expect(lines.count == 5001)
        #expect((lines.map(\.count).max() ?? 0) < 260)
    }

    @Test(
        "Durations have as many digits as matter",
        arguments: [
            (0, "0s"), (999, "999ns"), (12_345, "12.345µs"), (71_512_345, "71.512ms"), (1_234_567_890, "1.234s"),
            (3_723_000_000_000, "1h2m3s"),
        ] as [(Int64, String)])
    func durations(_ nanoseconds: Int64, _ text: String) {
        #expect(DurationText.of(nanoseconds: nanoseconds) == text)
    }

    @Test("What was found is a table")
    func table() throws {
        let lines = try TraceTable.lines(
            Array(
                """
                {"traces":[{"traceID":"ab","rootServiceName":"shop","rootTraceName":"GET /","startTimeUnixNano":"1700000000123456789",
                "durationMs":1500},{"traceID":"cd","rootServiceName":"shop","rootTraceName":"quick","startTimeUnixNano":"1700000000000000000"}]}
                """.utf8))
        try #require(lines.count == 3)
        #expect(lines[0].split(separator: " ") == ["TRACE", "ID", "START", "DURATION", "SERVICE", "NAME"])
        #expect(lines[1].split(separator: " ") == ["ab", "2023-11-14T22:13:20.123Z", "1.5s", "shop", "GET", "/"])
        #expect(lines[2].contains("<1ms"))
        #expect(try TraceTable.lines(Array("{\"traces\":[]}".utf8)).isEmpty)
    }
}
