import LogQL
import MartletCore
import Testing

@Suite("Hints to a source")
struct FieldHintTests {
    private static let lines = [
        #"{"level":"error","country":"DE","took":"3s","nested":{"status_code":500,"a-b":"x"}}"#,
        #"{"level":"\u0065rror","country":"FR","took":"15ms","nested":{"status_code":404}}"#,
        #"{"l\u0065vel":"error","country":"US","took":"1s"}"#,
        #"{"level":"info","country":"DE","msg":"error"}"#,
        #"{"level":"err"#,
        #"level=error country=DE took=3s status.code=500"#,
        #"level="er\"ror" country="U\u0053" took=2s"#,
        #"level=info took=7 error"#, "level error took", #"took="" level="#, "error", "",
        #"1abc=error é=error level\u{80}=error"#,
    ]

    private static let queries = [
        #"| json | level="error""#, #"| logfmt | level="error""#, #"| json | logfmt | level="error""#,
        #"| json | level=~"error|info" | country!="DE""#, #"| json | level=~"err.*""#, #"| json | level!="""#,
        #"| json | nested_status_code >= 500"#, #"| json | nested_a_b="x""#, #"| logfmt | status_code="500""#,
        #"| json | took > 1s and level="error""#, #"| json | took > 1s or level="error""#,
        #"| logfmt --keep-empty | level="""#, #"| logfmt --keep-empty | took > 1s"#,
        #"| json lvl="level" | lvl="error""#, #"| logfmt lvl="level" | lvl="error""#,
        #"| regexp "(?P<level>err[a-z]+)" | level="error""#, #"| pattern "level=<level> <_>" | level="error""#,
        #"| logfmt | level_extracted="error""#, #"| json | _1abc="error""#, #"| logfmt | _1abc="error""#,
        #"| logfmt | _="error""#, #"| level="error""#, #"| json | drop level | level="error""#,
        #"| json | label_format other=level | other="error""#,
    ]

    private static func source(obeying: Bool) -> MemorySource {
        let lines = lines.enumerated().map { index, text in
            MemorySource.Line(
                seconds: Double(index), text: text,
                metadata: index % 3 == 0 ? Labels([("level", "error"), ("took", "5s")]) : Labels())
        }
        var source = MemorySource([
            ([("app", "a")], lines), ([("app", "a"), ("level", "error")], lines),
            ([("app", "a"), ("host", "h")], lines.map { .init(seconds: $0.seconds, text: $0.text) }),
        ])
        source.obeysHints = obeying
        return source
    }

    @Test("leave out no line that would have passed", arguments: queries)
    func lines(query: String) throws {
        #expect(
            try Self.source(obeying: true).logs("{app=\"a\"} \(query)")
                == Self.source(obeying: false).logs("{app=\"a\"} \(query)"))
    }

    @Test(
        "leave out no sample",
        arguments: [
            "| json | unwrap duration(took)", "| logfmt | unwrap duration(took)",
            #"| json | unwrap nested_status_code | level="error""#, "| logfmt --keep-empty | unwrap took",
            "| json | logfmt | unwrap duration(took)", #"| json t="took" | unwrap duration(t)"#,
            #"| regexp "took=(?P<took>[0-9]+)" | unwrap took"#,
        ])
    func samples(stages: String) throws {
        let query = "max_over_time({app=\"a\"} \(stages) | __error__=\"\" [1m]) by (level)"
        #expect(try Self.source(obeying: true).instant(query) == Self.source(obeying: false).instant(query))
    }

    @Test("name what lines must contain")
    func hints() throws {
        final class Asked: LogSource {
            let hints = Lock<[FieldHint]>([])

            func entries(
                _ selection: LogSelection, context: LogQueryContext,
                _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
            ) throws(LogQueryError) {
                hints.withLock { $0 = selection.hints }
            }

            func streams(
                _ selection: LogStreamSelection, context: LogQueryContext
            ) throws(LogQueryError) -> [LogStreamSummary] { [] }
        }
        let source = Asked()
        _ = try LogEngine(source).matrix(
            QueryExpression(
                parsing: #"max_over_time({app="a"} | logfmt | level="warn" | unwrap duration(took) [1m])"#),
            start: 0, end: 0, step: 1, context: LogQueryContext())
        #expect(
            source.hints.withLock { $0 } == [
                FieldHint(name: "level", literals: [Array("warn".utf8), Array("\\".utf8)]),
                FieldHint(name: "took", literals: [Array("took=".utf8)]),
            ])
    }
}
