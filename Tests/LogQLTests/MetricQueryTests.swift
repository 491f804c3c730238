import LogQL
import MartletCore
import Testing

@Suite("LogQL metric queries")
struct MetricQueryTests {
    /// App a: a line every 2 s (1, 3, … 59) of 10 bytes with its number; b: every 10 s (5, 15, … 55).
    let source = MemorySource([
        (
            [("app", "a"), ("env", "prod")],
            (0..<30).map {
                .init(
                    seconds: Double($0 * 2 + 1), text: "value=\($0 + 10) x",
                    metadata: Labels([("level", $0 % 3 == 0 ? "error" : "info")]))
            }
        ),
        ([("app", "b"), ("env", "prod")], (0..<6).map { .init(seconds: Double($0 * 10 + 5), text: "value=\($0)") }),
    ])

    @Test(
        "have the right values",
        arguments: [
            (#"count_over_time({app="b"}[1m])"#, [#"{app="b", env="prod"}=6"#]),
            (#"count_over_time({app="b"}[20s])"#, [#"{app="b", env="prod"}=2"#]),
            (
                #"count_over_time({app="a"}[1m])"#,
                [
                    #"{app="a", env="prod", level="error"}=10"#, #"{app="a", env="prod", level="info"}=20"#,
                ]
            ),
            (
                #"sum by (level) (count_over_time({env="prod"}[1m]))"#,
                [#"{}=6"#, #"{level="error"}=10"#, #"{level="info"}=20"#]
            ),
            (#"sum(rate({app="a"}[1m]))"#, ["{}=0.5"]),
            (#"sum without (level, env) (bytes_over_time({app="a"}[1m]))"#, [#"{app="a"}=300"#]),
            (#"sum(bytes_rate({app="a"}[30s]))"#, ["{}=5"]),
            (#"count_over_time({app="b"} |= "value=3" [1m])"#, [#"{app="b", env="prod"}=1"#]),
            (#"count_over_time({app="b"}[10s] offset 30s)"#, [#"{app="b", env="prod"}=1"#]),
            (#"absent_over_time({app="zz", env=~".+"}[1m])"#, [#"{app="zz"}=1"#]),
            (#"absent_over_time({app="a"}[1m])"#, []),
            (#"sum_over_time({app="b"} | logfmt | unwrap value [1m])"#, [#"{app="b", env="prod"}=15"#]),
            (#"rate({app="b"} | logfmt | unwrap value [1m])"#, [#"{app="b", env="prod"}=0.25"#]),
            (#"max_over_time({app="b"} | logfmt | unwrap value [25s])"#, [#"{app="b", env="prod"}=5"#]),
            (
                #"avg_over_time({env="prod"} | logfmt | unwrap value [1m]) by (env)"#,
                [#"{env="prod"}=20.833333333333332"#]
            ),
            (#"quantile_over_time(0.5, {app="b"} | logfmt | unwrap value [1m])"#, [#"{app="b", env="prod"}=2.5"#]),
            (#"topk(1, sum by (app) (count_over_time({env="prod"}[1m])))"#, [#"{app="a"}=30"#]),
            (#"approx_topk(1, sum by (app) (count_over_time({env="prod"}[1m])))"#, [#"{app="a"}=30"#]),
            (#"bottomk(1, sum by (app) (count_over_time({env="prod"}[1m])))"#, [#"{app="b"}=6"#]),
            (#"avg(sum by (app) (count_over_time({env="prod"}[1m])))"#, ["{}=18"]),
            (#"count(count_over_time({env="prod"}[1m]))"#, ["{}=3"]),
            (#"sort_desc(sum by (app) (count_over_time({env="prod"}[1m])))"#, [#"{app="a"}=30"#, #"{app="b"}=6"#]),
            (#"sum by (app) (count_over_time({env="prod"}[1m])) > 10"#, [#"{app="a"}=30"#]),
            (#"sum by (app) (count_over_time({env="prod"}[1m])) > bool 10"#, [#"{app="a"}=1"#, #"{app="b"}=0"#]),
            (
                #"sum by (app) (count_over_time({env="prod"}[1m])) / on () group_left () sum(count_over_time({env="prod"}[1m]))"#,
                [
                    #"{app="a"}=0.8333333333333334"#, #"{app="b"}=0.16666666666666666"#,
                ]
            ),
            (
                #"sum by (app) (count_over_time({app="a"}[1m])) or sum by (app) (count_over_time({env="prod"}[1m])) * 2"#,
                [
                    #"{app="a"}=30"#, #"{app="b"}=12"#,
                ]
            ),
            (
                #"sum by (app) (count_over_time({env="prod"}[1m])) unless sum by (app) (count_over_time({app="a"}[1m]))"#,
                [#"{app="b"}=6"#]
            ),
            ("vector(1)+vector(1)", ["{}=2"]),
            ("vector(1) / 0", ["{}=NaN"]),
            (
                #"label_replace(sum by (app) (count_over_time({app="b"}[1m])), "name", "x-$1", "app", "(.*)")"#,
                [#"{app="b", name="x-b"}=6"#]
            ),
        ])
    func values(query: String, expected: [String]) throws {
        #expect(try source.instant(query) == expected)
    }

    @Test("count in the window (t - range, t] of every step, with gaps where nothing is")
    func steps() throws {
        let matrix = try LogEngine(source).matrix(
            QueryExpression(parsing: #"sum(count_over_time({app="b"}[4s]))"#), start: 0, end: 20_000_000_000,
            step: 1_000_000_000, context: LogQueryContext())
        let column = try #require(matrix.columns.first)
        let present = column.indices.filter { !SeriesMatrix.isMissing(column[$0]) }
        #expect(present == [5, 6, 7, 8, 15, 16, 17, 18])
        #expect(present.allSatisfy { column[$0] == 1 })
    }

    @Test("fail as a whole when a line is in error, unless it is filtered out")
    func errors() throws {
        #expect { try source.instant(#"sum_over_time({app="a"} | logfmt | unwrap level [1m])"#) } throws: {
            ($0 as? LogQueryError)?.message.hasPrefix("pipeline error: 'SampleExtractionErr' for series: '{") == true
        }
        #expect(try source.instant(#"sum_over_time({app="a"} | logfmt | unwrap level | __error__="" [1m])"#).isEmpty)
        #expect { try source.instant(#"count_over_time({app="a"} | json [1m])"#) } throws: {
            ($0 as? LogQueryError)?.kind == .pipeline
        }
    }

    @Test("hold the limit on series to the result")
    func seriesLimit() throws {
        var limits = LogEngine.Limits()
        limits.maxSeries = 2
        let engine = LogEngine(source, limits: limits)
        func run(_ query: String) throws -> Int {
            try engine.matrix(
                QueryExpression(parsing: query), start: 60_000_000_000, end: 60_000_000_000, step: 1, context: .init()
            ).count
        }
        #expect(try run(#"topk(1, count_over_time({env="prod"}[1m]))"#) == 1)
        #expect { try run(#"count_over_time({env="prod"}[1m])"#) } throws: { ($0 as? LogQueryError)?.kind == .limit }
    }

    @Test(
        "hold the columns of their series against the query's memory",
        arguments: [
            #"max_over_time({app="a"} | logfmt | unwrap value [1m]) by (value)"#,
            #"sum_over_time({app="a"} | logfmt | label_format n="{{.value}}" | unwrap value [1m])"#,
        ])
    func columns(query: String) throws {
        let expression = try QueryExpression(parsing: query)
        func run(_ limit: Int) throws -> Int {
            let matrix = try LogEngine(source).matrix(
                expression, start: 0, end: 10_000_000_000, step: 1_000_000, context: LogQueryContext(memoryLimit: limit)
            )
            return matrix.count
        }
        // Five lines, each a series of 10,001 steps.
        #expect { try run(200_000) } throws: { ($0 as? LogQueryError)?.kind == .limit }
        #expect(try run(2_000_000) > 0)
    }

    @Test(
        "hold what operations make of their series against the query's memory",
        arguments: [
            #"avg by (value) (max_over_time({app="a"} | logfmt | unwrap value [1m]) by (value))"#,
            #"topk by (value) (1, max_over_time({app="a"} | logfmt | unwrap value [1m]) by (value))"#,
            #"max_over_time({app="a"} | logfmt | unwrap value [1m]) by (value) or vector(1)"#,
            #"label_replace(max_over_time({app="a"} | logfmt | unwrap value [1m]) by (value), "n", "x$1", "value", "(.*)")"#,
        ])
    func operations(query: String) throws {
        func run(_ query: String, _ limit: Int) throws {
            _ = try LogEngine(source).matrix(
                QueryExpression(parsing: query), start: 0, end: 10_000_000_000, step: 1_000_000,
                context: LogQueryContext(memoryLimit: limit))
        }
        try run(query, 8_000_000)
        // Enough for the five series alone.
        try run(#"max_over_time({app="a"} | logfmt | unwrap value [1m]) by (value)"#, 600_000)
        #expect { try run(query, 600_000) } throws: { ($0 as? LogQueryError)?.kind == .limit }
    }

    @Test("hold the text that label_replace makes before it is made")
    func longReplacement() throws {
        let template = String(repeating: "$1", count: 40_000)
        let query =
            #"label_replace(count_over_time({app="a"} | label_format n=`{{repeat 1000 "x"}}` [1m]), "m", "\#(template)", "n", "(.*)")"#
        #expect {
            try LogEngine(source).matrix(
                QueryExpression(parsing: query), start: 60_000_000_000, end: 60_000_000_000, step: 1,
                context: LogQueryContext(memoryLimit: 8 << 20))
        } throws: {
            ($0 as? LogQueryError)?.kind == .limit
        }
    }

    @Test("stop when they are cancelled")
    func cancellation() throws {
        let context = LogQueryContext()
        context.cancel()
        #expect {
            try LogEngine(source).matrix(
                QueryExpression(parsing: #"rate({app="a"}[1m])"#), start: 0, end: 60_000_000_000, step: 1_000_000_000,
                context: context)
        } throws: {
            ($0 as? LogQueryError)?.kind == .canceled
        }
    }
}
