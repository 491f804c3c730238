import LogQL
import MartletCore
import Testing

/// Where LogQL has its own mind: what aggregations, operations and conversions do at their edges.
@Suite("Edges of metric queries")
struct MetricSemanticsTests {
    /// Two pods with a counter, a duration and a size; a third with lines that cannot be read.
    let source = MemorySource([
        (
            [("pod", "a")],
            (1...6).map { .init(seconds: Double($0 * 10), text: "n=\($0) took=\($0)00ms size=\($0)KB") }
        ),
        (
            [("pod", "b")],
            (1...3).map { .init(seconds: Double($0 * 20), text: "n=\($0 * 10) took=\($0)s size=1MiB") }
        ),
        ([("pod", "c")], [.init(seconds: 30, text: "n=many took=long"), .init(seconds: 50, text: "none")]),
    ])

    @Test(
        "range functions",
        arguments: [
            (#"sum_over_time({pod="a"} | logfmt | unwrap n [1m])"#, [#"{pod="a", size="1KB", took="100ms"}=1"#], 15.0),
            (
                #"sum by (pod) (sum_over_time({pod=~"a|b"} | logfmt | unwrap n [1m]))"#,
                [#"{pod="a"}=21"#, #"{pod="b"}=60"#], 60
            ),
            (#"max_over_time({pod="a"} | logfmt | unwrap duration(took) [1m]) by (pod)"#, [#"{pod="a"}=0.6"#], 60),
            (#"avg_over_time({pod="b"} | logfmt | unwrap duration_seconds(took) [1m]) by ()"#, ["{}=2"], 60),
            (#"min_over_time({pod="b"} | logfmt | unwrap bytes(size) [1m]) by (pod)"#, [#"{pod="b"}=1048576"#], 60),
            (#"first_over_time({pod="a"} | logfmt | unwrap n [30s]) by (pod)"#, [#"{pod="a"}=4"#], 60),
            (#"last_over_time({pod="a"} | logfmt | unwrap n [30s] offset 30s) by (pod)"#, [#"{pod="a"}=3"#], 60),
            (#"quantile_over_time(0.5, {pod="b"} | logfmt | unwrap n [1m]) by (pod)"#, [#"{pod="b"}=20"#], 60),
            (#"quantile_over_time(2, {pod="b"} | logfmt | unwrap n [1m]) by (pod)"#, [#"{pod="b"}=+Inf"#], 60),
            (
                #"stdvar_over_time({pod="b"} | logfmt | unwrap n [1m]) without (took, size)"#,
                [#"{pod="b"}=66.66666666666667"#], 60
            ),
            (#"rate_counter({pod="b"} | logfmt | keep pod, n | unwrap n [15s])"#, [#"{pod="b"}=0"#], 45),
            (#"sum(rate({pod="b"} | logfmt | unwrap n [1m]))"#, ["{}=1"], 60),
            // Loki divides by the seconds: times 1/10 it would be 0.30000000000000004.
            (#"rate({pod="a"} | logfmt | n=3 | keep pod, n | unwrap n [10s])"#, [#"{pod="a"}=0.3"#], 30),
            (#"rate_counter({pod="a"} | logfmt | keep pod, n | unwrap n [30s])"#, [#"{pod="a"}=0.1"#], 60),
            (#"absent_over_time({pod="z", x=~"y"}[1m])"#, [#"{pod="z"}=1"#], 60),
            (#"absent_over_time({pod="a"}[1m])"#, [], 60),
            (#"count_over_time({pod="b"}[20s] offset -20s)"#, [#"{pod="b"}=1"#], 40),
            (#"sum(count_over_time({pod="c"} | logfmt | n > 1 | __error__="" [1m]))"#, [], 60),
            (#"sum_over_time({pod="c"} | logfmt | unwrap n | __error__="" [1m])"#, [], 60),
            (#"sum(sum_over_time({pod=~"b|c"} | logfmt | unwrap n | __error__="" | took="1s" [1m]))"#, ["{}=10"], 60),
        ])
    func ranges(query: String, expected: [String], at: Double) throws {
        #expect(try source.instant(query, at: at) == expected)
    }

    @Test("of equal values topk and bottomk keep the series whose labels come first", arguments: ["topk", "bottomk"])
    func ties(operation: String) throws {
        let source = MemorySource(
            ["c", "a", "d", "b"].map { ([("pod", $0)], [MemorySource.Line(seconds: 30, text: "line")]) })
        let query = "\(operation)(2, count_over_time({pod=~\".+\"}[1m]))"
        #expect(try source.instant(query, at: 60) == [#"{pod="a"}=1"#, #"{pod="b"}=1"#])
    }

    @Test(
        "operations and aggregations",
        arguments: [
            ("1 / 0", ["{}=NaN"]), ("5 % 0", ["{}=NaN"]), ("2 ^ 3 ^ 2", ["{}=512"]), ("vector(2) > 1", ["{}=2"]),
            ("vector(2) > bool 5", ["{}=0"]),
            ("1 < bool vector(2)", ["{}=1"]), ("3 > vector(2)", ["{}=2"]),
            (#"topk(1, count_over_time({pod=~".+"}[1m]))"#, [#"{pod="a"}=6"#]),
            (
                #"sort_desc(count_over_time({pod=~".+"}[1m])) * 2"#,
                [#"{pod="a"}=12"#, #"{pod="b"}=6"#, #"{pod="c"}=4"#]
            ),
            (#"sort(count_over_time({pod=~".+"}[1m])) + 1"#, [#"{pod="c"}=3"#, #"{pod="b"}=4"#, #"{pod="a"}=7"#]),
            (#"approx_topk(2, count_over_time({pod=~".+"}[1m]))"#, [#"{pod="a"}=6"#, #"{pod="b"}=3"#]),
            (#"sum(count_over_time({pod="z"}[1m])) or vector(0)"#, ["{}=0"]),
            (#"count(count_over_time({pod=~".+"}[1m]))"#, ["{}=3"]),
            (#"count_over_time({pod=~".+"}[1m]) and on (pod) count_over_time({pod="b"}[1m])"#, [#"{pod="b"}=3"#]),
            (#"count_over_time({pod=~".+"}[1m]) unless count_over_time({pod=~"a|b"}[1m])"#, [#"{pod="c"}=2"#]),
            (
                #"count_over_time({pod=~"a|b"}[1m]) / on () group_left sum(count_over_time({pod=~"a|b"}[1m]))"#,
                [#"{pod="a"}=0.6666666666666666"#, #"{pod="b"}=0.3333333333333333"#]
            ),
            (#"label_replace(count_over_time({pod="a"}[1m]), "x", "$1-1", "pod", "(.)")"#, [#"{pod="a", x="a-1"}=6"#]),
            (#"label_replace(count_over_time({pod="a"}[1m]), "pod", "", "pod", ".*")"#, ["{}=6"]),
            (#"sum without () (count_over_time({pod="a"}[1m]))"#, [#"{pod="a"}=6"#]),
            (#"sum by () (count_over_time({pod="a"}[1m]))"#, ["{}=6"]),
        ])
    func operations(query: String, expected: [String]) throws {
        #expect(try source.instant(query) == expected)
    }

    @Test("steps of one series that come from both sides of `or` are one series")
    func union() throws {
        let matrix = try LogEngine(source).matrix(
            QueryExpression(parsing: #"sum(count_over_time({pod="b"}[10s])) or vector(0)"#), start: 10_000_000_000,
            end: 40_000_000_000, step: 10_000_000_000, context: LogQueryContext())
        #expect(matrix.columns == [[0, 1, 0, 1]])
    }

    @Test(
        "what cannot be matched or read is an error",
        arguments: [
            (
                #"count_over_time({pod=~"a|b"}[1m]) + ignoring (pod) count_over_time({pod="a"}[1m])"#,
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            ),
            (
                #"sum(count_over_time({pod="a"}[1m])) + ignoring (pod) group_left count_over_time({pod=~"a|b"}[1m])"#,
                "found duplicate series on the right hand-side;many-to-many matching not allowed: matching labels must be unique on one side"
            ),
            (
                #"count_over_time({pod=~"a|b"}[1m]) + ignoring (pod) group_right sum(count_over_time({pod="a"}[1m]))"#,
                "found duplicate series on the left hand-side;many-to-many matching not allowed: matching labels must be unique on one side"
            ),
            (
                #"sum(sum_over_time({pod="c"} | logfmt | keep n | unwrap n [1m]))"#,
                "pipeline error: 'SampleExtractionErr' for series: '{__error__=\"SampleExtractionErr\", __error_details__=\"strconv.ParseFloat: parsing \\\"many\\\": invalid syntax\", n=\"many\"}'.\nUse a label filter to intentionally skip this error. (e.g | __error__!=\"SampleExtractionErr\").\nTo skip all potential errors you can match empty errors.(e.g __error__=\"\")\nThe label filter can also be specified after unwrap. (e.g | unwrap latency | __error__=\"\" )\n"
            ),
        ])
    func errors(query: String, message: String) {
        #expect { try source.instant(query) } throws: { ($0 as? LogQueryError)?.message == message }
    }
}
