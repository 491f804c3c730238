import LogQL
import MartletCore
import Testing

@Suite("LogQL log queries")
struct LogQueryTests {
    let source = MemorySource([
        (
            [("app", "web")],
            [
                .init(seconds: 1, text: #"{"level":"info","ms":12,"user":{"id":"u1"},"tags":["a"],"gone":null}"#),
                .init(seconds: 3, text: #"{"level":"error","ms":250,"msg":"bad \"thing\"","app":"other"}"#),
                .init(seconds: 5, text: "not json", metadata: Labels([("trace_id", "t5")])),
            ]
        ),
        (
            [("app", "db")],
            [
                .init(seconds: 2, text: #"level=warn took=1.5s msg="slow query" 10.1.2.3"#),
                .init(seconds: 4, text: #"level=info took=20ms size=2KiB"#),
            ]
        ),
    ])

    @Test(
        "give the right lines and labels",
        arguments: [
            (
                #"{app="db"}"#,
                [
                    #"{app="db"} 4 level=info took=20ms size=2KiB"#,
                    #"{app="db"} 2 level=warn took=1.5s msg="slow query" 10.1.2.3"#,
                ]
            ),
            (#"{app="web"} |= "not""#, [#"{app="web", trace_id="t5"} 5 not json"#]),
            (
                #"{app=~".+"} |= "warn" or "not" != "xx""#,
                [
                    #"{app="db"} 2 level=warn took=1.5s msg="slow query" 10.1.2.3"#,
                    #"{app="web", trace_id="t5"} 5 not json"#,
                ]
            ),
            (#"{app="db"} |= ip("10.0.0.0/8")"#, [#"{app="db"} 2 level=warn took=1.5s msg="slow query" 10.1.2.3"#]),
            (#"{app="db"} |> "level=<_> took=<_>KiB""#, [#"{app="db"} 4 level=info took=20ms size=2KiB"#]),
            (
                #"{app="db"} | logfmt | took > 1s"#,
                [
                    #"{app="db", level="warn", msg="slow query", took="1.5s"} 2 level=warn took=1.5s msg="slow query" 10.1.2.3"#
                ]
            ),
            (
                #"{app="db"} | logfmt | size >= 2KB | drop took"#,
                [#"{app="db", level="info", size="2KiB"} 4 level=info took=20ms size=2KiB"#]
            ),
            (
                #"{app="web"} | json | level="error""#,
                [
                    #"{app="web", app_extracted="other", level="error", ms="250", msg="bad \"thing\""} 3 {"level":"error","ms":250,"msg":"bad \"thing\"","app":"other"}"#
                ]
            ),
            (
                #"{app="web"} | json id="user.id", t="tags[0]" | id="u1""#,
                [
                    #"{app="web", id="u1", t="a"} 1 {"level":"info","ms":12,"user":{"id":"u1"},"tags":["a"],"gone":null}"#
                ]
            ),
            (
                #"{app="web"} | json | ms > 100 or __error__ = "JSONParserErr" | keep ms"#,
                [
                    #"{__error__="JSONParserErr", __error_details__="invalid JSON at offset 0: expected a JSON object"} 5 not json"#,
                    #"{ms="250"} 3 {"level":"error","ms":250,"msg":"bad \"thing\"","app":"other"}"#,
                ]
            ),
            (
                #"{app="db"} | pattern "level=<level> took=<_> <rest>" | rest =~ "msg.*" | label_format lvl=level"#,
                [
                    #"{app="db", lvl="warn", rest="msg=\"slow query\" 10.1.2.3"} 2 level=warn took=1.5s msg="slow query" 10.1.2.3"#
                ]
            ),
            (
                #"{app="db"} | regexp "took=(?P<n>\\d+)ms" | n=20"#,
                [#"{app="db", n="20"} 4 level=info took=20ms size=2KiB"#]
            ),
        ])
    func lines(query: String, expected: [String]) throws {
        #expect(try source.logs(query) == expected)
    }

    @Test("keep the newest or the oldest, over all streams")
    func limits() throws {
        #expect(
            try source.logs(#"{app=~".+"}"#, limit: 2).map { $0.split(separator: " ").last } == ["size=2KiB", "json"])
        let oldest = try source.logs(#"{app=~".+"}"#, limit: 2, direction: .forward)
        #expect(oldest.count == 2)
        #expect(oldest[0].contains(" 2 level=warn"))
        #expect(oldest[1].contains(" 1 {"))
    }

    @Test("keep lines that are an interval apart, whatever their streams", arguments: [1, 2, 3, 1000])
    func intervals(limit: Int) throws {
        // Two streams, a line every 3 s (0, 3, … 57) and every 4 s (1, 5, … 57).
        let source = MemorySource([
            ([("app", "a")], (0..<20).map { .init(seconds: Double($0 * 3), text: "a") }),
            ([("app", "b")], (0..<15).map { .init(seconds: Double($0 * 4 + 1), text: "b") }),
        ])
        let times = Set((0..<20).map { $0 * 3 } + (0..<15).map { $0 * 4 + 1 })
        for direction in [LogSelection.Direction.forward, .backward] {
            var expected: [Int] = []
            let ordered = direction == .forward ? times.sorted() : times.sorted(by: >)
            for time in ordered
            where expected.count < limit && abs((expected.last ?? -100) - time) >= 10 { expected.append(time) }
            for query in [#"{app=~"a|b"}"#, #"{app=~"a|b"} | logfmt"#] {
                guard case .log(let log) = try QueryExpression(parsing: query) else { return }
                let streams = try LogEngine(source).logs(
                    log, start: 0, end: 60_000_000_000, limit: limit, direction: direction, interval: 10_000_000_000,
                    context: LogQueryContext()
                ).streams
                let found = streams.flatMap { $0.entries.map { Int($0.timestamp / 1_000_000_000) } }
                #expect(found.sorted() == expected.sorted(), "\(query) \(direction)")
            }
        }
    }

    /// Counts how often it is asked what it has.
    private struct CountedSource: LogSource {
        let base: MemorySource
        let plans: Lock<Int>

        func entries(
            _ selection: LogSelection, context: LogQueryContext,
            _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
        ) throws(LogQueryError) {
            plans.withLock { $0 += 1 }
            try base.entries(selection, context: context, visit)
        }

        func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader] {
            plans.withLock { $0 += 1 }
            return try base.parts(of: selection, context: context)
        }

        func streams(
            _ selection: LogStreamSelection, context: LogQueryContext
        ) throws(LogQueryError) -> [LogStreamSummary] { [] }
    }

    @Test(
        "with an interval are planned once, however many looks they take",
        arguments: [#"{app="a"}"#, #"{app="a"} | logfmt"#])
    func intervalPlans(query: String) throws {
        let lines = (0..<5000).map { MemorySource.Line(seconds: Double($0) / 100, text: "a line") }
        var base = MemorySource([([("app", "a")], lines)])
        base.partCount = 2
        guard case .log(let log) = try QueryExpression(parsing: query) else { return }
        for deletions in [[], [try LogDeletion(query: #"{app="a"}"#, start: 0, end: 1)]] {
            let plans = Lock(0)
            let source = DeletingSource(CountedSource(base: base, plans: plans), without: deletions)
            let streams = try LogEngine(source).logs(
                log, start: 0, end: 60_000_000_000, limit: 20, direction: .backward, interval: 1_000_000_000,
                context: LogQueryContext()
            ).streams
            #expect(streams.first?.entries.count == 20)
            #expect(plans.withLock { $0 } == 1)
        }
    }

    @Test("with an interval are found one by one where many lines lie between them, and some at a time where few do")
    func denseIntervals() throws {
        // A thousand lines in each of some seconds, then one in each, then a thousand again.
        var times: [Int64] = []
        for second in 0..<60 as Range<Int64> {
            let isDense = second < 20 || second >= 45
            times += stride(from: 0, to: 1000, by: isDense ? 1 : 1000).map { second * 1_000_000_000 + $0 * 1_000_000 }
        }
        let lines = times.map { MemorySource.Line(seconds: Double($0) / 1e9, text: "a line") }
        times = lines.map(\.time)
        let source = MemorySource([([("app", "a")], lines)])
        guard case .log(let log) = try QueryExpression(parsing: #"{app="a"}"#) else { return }
        for direction in [LogSelection.Direction.forward, .backward] {
            var expected: [Int64] = []
            for time in direction == .forward ? times : times.reversed()
            where expected.last.map({ abs($0 - time) >= 700_000_000 }) ?? true { expected.append(time) }
            let streams = try LogEngine(source).logs(
                log, start: 0, end: 60_000_000_000, limit: 100, direction: direction, interval: 700_000_000,
                context: LogQueryContext()
            ).streams
            #expect(streams.first?.entries.map(\.timestamp) == expected)
        }
    }

    @Test("with an interval hold no more lines than they look at in one go")
    func intervalMemory() throws {
        let lines = (0..<50_000).map { MemorySource.Line(seconds: Double($0) / 1000, text: "a line") }
        let source = MemorySource([([("app", "a")], lines)])
        guard case .log(let log) = try QueryExpression(parsing: #"{app="a"}"#) else { return }
        let streams = try LogEngine(source).logs(
            log, start: 0, end: 60_000_000_000, limit: 100, direction: .backward, interval: 1_000_000_000,
            context: LogQueryContext(memoryLimit: 8 << 20)
        ).streams
        #expect(streams.first?.entries.count == 50)
    }

    @Test(
        "end inside a batch when they are cancelled",
        arguments: [
            #"{app="a"} | regexp "(?P<x>n.)" | x="never""#, #"{app="a"} | decolorize |~ "n+w+o""#,
            #"{app="a"} | json | x="never""#,
            #"count_over_time({app="a"} | regexp "(?P<x>n.)" | x="never" [1m])"#,
        ])
    func cancellation(query: String) throws {
        let lines = (0..<20_000).map { MemorySource.Line(seconds: Double($0) / 1000, text: "no news, never") }
        let source = MemorySource([([("app", "a")], lines)])
        let context = LogQueryContext()
        context.cancel()
        #expect(throws: LogQueryError(.canceled, "the request was cancelled by the client")) {
            let expression = try QueryExpression(parsing: query)
            if case .log(let log) = expression {
                _ = try LogEngine(source).logs(
                    log, start: 0, end: 60_000_000_000, limit: 10, direction: .forward, context: context)
            } else {
                _ = try LogEngine(source).matrix(
                    expression, start: 60_000_000_000, end: 60_000_000_000, step: 1, context: context)
            }
        }
    }
}
