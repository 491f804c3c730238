import LogQL
import MartletCore
import Testing

@Suite("Hints on stored labels")
struct LabelHintTests {
    private static let lines = [
        #"{"level":"error","code":"500","host":"web-9"}"#, #"{"level":"info","code":"x"}"#, "level=error code=404",
        "level=warn host=web-2", "no fields", "", #"{"level":"err"#,
    ]

    private static let sets: [[(String, String)]] = [
        [], [("level", "error")], [("level", "info"), ("code", "500")],
        [("code", "none"), ("level_extracted", "error")],
        [("host", "web-9"), ("addr", "10.0.0.7")], [("__error__", "mine"), ("code", "7")],
    ]

    private static func source(obeying: Bool) -> MemorySource {
        var entries: [MemorySource.Line] = []
        for set in sets {
            for text in lines {
                entries.append(.init(seconds: Double(entries.count), text: text, metadata: Labels(set)))
            }
        }
        var source = MemorySource([
            ([("app", "a")], entries), ([("app", "a"), ("level", "error")], entries),
            ([("app", "a"), ("host", "web-1"), ("code", "12")], entries),
        ])
        source.obeysHints = obeying
        return source
    }

    private static let filters = [
        #"level="error""#, #"level!="error""#, #"level=~"err.*|info""#, #"level!~"err.*""#, #"level="""#, #"level!="""#,
        #"level_extracted="error""#, #"level_extracted!="error""#, "code > 100", "code <= 7", "code != 12",
        #"code="500""#,
        #"host="web-1""#, #"host_extracted="web-9""#, #"level="error" or code > 100"#, #"level="error" and code > 100"#,
        #"level="error", host="web-1""#, #"nosuch="""#, #"nosuch!="""#, "nosuch > 1", #"addr=ip("10.0.0.0/8")"#,
        #"__error__="""#, #"__error__="mine""#, #"__error__!="""#, #"code > 100 | __error__="""#, #"app="a""#,
        #"app="b""#,
    ]

    private static let stages = [
        "", "| json", "| logfmt", "| json | logfmt", #"| regexp "(?P<code>[0-9]+)""#, #"| pattern "level=<level> <_>""#,
        #"| json level="code""#, "| label_format level=code", "| drop level", "| keep level", "| unpack",
        #"| line_format "{{.level}}""#, #"|= "error""#, #"| code > 100"#,
    ]

    @Test("leave out no line that would have passed, and change none", arguments: filters)
    func lines(filter: String) throws {
        for stage in Self.stages {
            for behind in ["", #"|= "level""#, "| json | logfmt"] {
                let query = "{app=\"a\"} \(stage) | \(filter) \(behind)"
                #expect(
                    try Self.source(obeying: true).logs(query, limit: 1000)
                        == Self.source(obeying: false).logs(query, limit: 1000), "\(query)")
            }
        }
    }

    /// What the query gives, or its error.
    private static func outcome(_ query: String, obeying: Bool) throws -> [String] {
        do {
            return try source(obeying: obeying).instant(query)
        } catch let error as LogQueryError {
            return ["\(error)"]
        }
    }

    @Test("give counts by stream and metadata that are those of each line", arguments: filters)
    func counts(filter: String) throws {
        for stage in ["", #"|= "error""#, "| code > 100", "| json", "| logfmt"] {
            for (function, grouping) in [
                ("count_over_time", "by (level)"), ("bytes_over_time", "by (code)"), ("rate", "without (app)"),
                ("count_over_time", "by (level_extracted, __error__)"), ("absent_over_time", ""),
            ] {
                let call = { (last: String) in
                    let inner = "\(function)({app=\"a\"} \(stage) | \(filter) \(last) [1m])"
                    return grouping.isEmpty ? inner : "sum \(grouping) (\(inner))"
                }
                // A stage that changes nothing has each line looked at.
                let expected = try Self.outcome(call("| decolorize"), obeying: false)
                #expect(try Self.outcome(call(""), obeying: true) == expected, "\(call(""))")
            }
        }
    }

    @Test("end where labels change, and say nothing of errors")
    func hints() throws {
        func names(_ stages: String) throws -> [[String]] {
            guard case .log(let expression) = try QueryExpression(parsing: "{app=\"a\"} \(stages)") else { return [] }
            final class Asked: LogSource {
                let hints = Lock<[LabelHint]>([])

                func entries(
                    _ selection: LogSelection, context: LogQueryContext,
                    _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
                ) throws(LogQueryError) {
                    hints.withLock { $0 = selection.labelHints }
                }

                func streams(
                    _ selection: LogStreamSelection, context: LogQueryContext
                ) throws(LogQueryError) -> [LogStreamSummary] { [] }
            }
            let source = Asked()
            _ = try LogEngine(source).logs(
                expression, start: 0, end: 1, limit: 1, direction: .forward, context: LogQueryContext())
            return source.hints.withLock { $0 }.map(\.names)
        }
        #expect(
            try names(#"| a="1" | json | b > 2 and c="3" |= "x" | line_format "y" | d="4""#) == [
                ["a"], ["b", "c"], ["d"],
            ])
        for change in ["label_format x=y", "drop x", "keep x", "unpack"] {
            #expect(try names(#"| a="1" | \#(change) | b="2""#) == [["a"]])
        }
    }
}
