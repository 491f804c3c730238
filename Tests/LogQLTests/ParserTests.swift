import LogQL
import MartletCore
import Testing

@Suite("The LogQL parser")
struct ParserTests {
    @Test(
        "accepts",
        arguments: [
            #"{app="a"}"#, #"{app=~"a|b", env!="dev",}"#, "{app=`a\\d`}", "{app=\"a\"} # a comment\n |= `x`",
            #"{app="a"} |= "x" or "y" != "z" |~ "re" !~ "no""#, #"{app="a"} |= ip("10.0.0.0/8")"#,
            #"{app="a"} |> "<_> error <_>""#,
            #"{app="a"} | json"#, #"{app="a"} | json x="a.b[0][\"k\"]", y"#,
            #"{app="a"} | logfmt --strict --keep-empty a="b""#,
            #"{app="a"} | pattern "<ip> - <_>""#, #"{app="a"} | regexp "(?P<n>\\d+)""#, #"{app="a"} | unpack"#,
            #"{app="a"} | level="error" or status>=500 and duration>1.5s, size<20MB"#,
            #"{app="a"} | (x="1" or y="2") z="3""#,
            #"{app="a"} | addr=ip("::1")"#, #"{app="a"} | label_format a=b"#,
            #"{app="a"} | drop a, b="x" | keep c | decolorize"#,
            #"count_over_time({app="a"}[5m])"#, #"rate({app="a"} |= "x" [1h30m] offset 5m)"#,
            #"rate({app="a"}[5m] | json)"#,
            #"rate(({app="a"} |= "x")[5m])"#, #"sum(rate({app="a"}[5m])) by (app)"#,
            #"sum by (app, env) (rate({app="a"}[5m]))"#,
            #"topk(5, sum without (x) (rate({app="a"}[5m])))"#,
            #"quantile_over_time(0.99, {app="a"} | json | unwrap ms [5m]) by (app)"#,
            #"sum_over_time({app="a"} | unwrap duration(d) | __error__="" [1m])"#, #"vector(1)+vector(1)"#,
            "1 + 2 * -3 ^ 2",
            #"rate({rate="a"}[1m]) > bool 5 and on (app) group_left(x) rate({app="b"}[1m])"#,
            #"label_replace(rate({app="a"}[1m]), "dst", "$1", "src", "(.*)")"#, #"SUM BY (app) (RATE({app="a"}[1m]))"#,
            #"absent_over_time({app="a"}[5m])"#, #"rate_counter({app="a"} | unwrap x [1m])"#, "({app=\"a\"})",
        ])
    func accepts(query: String) throws {
        _ = try QueryExpression(parsing: query)
    }

    @Test(
        "refuses with place and reason",
        arguments: [
            ("", "parse error at line 1, col 1: syntax error: unexpected $end"),
            ("{", "parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }"),
            (#"{foo="bar""#, "parse error at line 1, col 11: syntax error: unexpected $end, expecting } or ,"),
            (#"{foo="bar"}foo"#, "parse error at line 1, col 12: syntax error: unexpected IDENTIFIER"),
            (#"{foo}"#, "parse error at line 1, col 5: syntax error: unexpected }, expecting = or =~ or !~ or !="),
            (
                #"{foo="bar"} |= "#,
                "parse error at line 1, col 16: syntax error: unexpected $end, expecting STRING or ip"
            ),
            (
                "{foo=\"bar\"}\n  | json |= 5",
                "parse error at line 2, col 13: syntax error: unexpected NUMBER, expecting STRING or ip"
            ),
            (#"{foo="bar}"#, "parse error at line 1, col 6: literal not terminated"),
            (
                #"rate({foo="bar"}[5minutes])"#,
                #"parse error at line 0, col 17: unknown unit "minutes" in duration "5minutes""#
            ),
            (#"rate({foo="bar"}[5m"#, "parse error at line 0, col 17: missing closing ']' in duration"),
            (#"rate({foo="bar"})"#, "parse error at line 1, col 17: syntax error: unexpected )"),
            (#"{foo=~"("}"#, "parse error : error parsing regexp: missing closing ): `(`"),
            (
                #"-rate({foo="bar"}[1m])"#,
                "parse error at line 1, col 2: syntax error: unexpected RATE, expecting NUMBER"
            ),
            (#"sum_over_time({foo="bar"}[1m])"#, "parse error : invalid aggregation sum_over_time without unwrap"),
            (
                #"count_over_time({foo="bar"} | unwrap x [1m])"#,
                "parse error : invalid aggregation count_over_time with unwrap"
            ),
            (#"rate({foo="bar"}[1m]) by (x)"#, "parse error : grouping not allowed for rate aggregation"),
            (
                #"{foo="bar"} | regexp "x""#,
                "parse error : invalid regexp parser: at least one named capture must be supplied"
            ),
            (#"{foo="bar"} | pattern "x""#, "parse error : invalid pattern parser: at least one capture is required"),
            (
                "{}",
                #"parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will"#
            ),
            (
                #"{foo=~".*"}"#,
                #"parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, foo=~".*" does not meet this requirement, but foo=~".+" will"#
            ),
            (#"sum(3, rate({a="b"}[1m]))"#, "parse error : unsupported parameter for operation sum(3,"),
            (#"topk(rate({a="b"}[1m]))"#, "parse error : parameter required for operation topk"),
            (#"topk(0, rate({a="b"}[1m]))"#, "parse error : invalid parameter (must be greater than 0) topk(0"),
            (#"bottomk(1.5, rate({a="b"}[1m]))"#, "parse error : invalid parameter bottomk(1.5,"),
            (#"rate(5, {a="b"}[1m])"#, "parse error : parameter 5 not supported for operation rate"),
            (
                #"quantile_over_time({a="b"} | unwrap x [1m])"#,
                "parse error : parameter required for operation quantile_over_time"
            ),
            (#"sum({a="b"})"#, "parse error at line 1, col 12: syntax error: unexpected )"),
            (#"sum({a="b"}[1m])"#, "parse error at line 0, col 12: syntax error: unexpected RANGE"),
            (
                #"sum by (rate(x)) (vector(1))"#,
                "parse error at line 1, col 9: syntax error: unexpected RATE, expecting IDENTIFIER or )"
            ),
            (
                #"sum by (a b) (vector(1))"#,
                "parse error at line 1, col 11: syntax error: unexpected IDENTIFIER, expecting , or )"
            ),
            (#"sort(vector(1)) by (a)"#, "parse error : sort and sort_desc doesn't allow grouping by "),
            (#"approx_topk(1, vector(1)) by (a)"#, "parse error : grouping not allowed for approx_topk aggregation"),
            (
                #"{a="b"} + 1"#,
                "parse error : unexpected type for left leg of binary operation (+): *syntax.MatchersExpr"
            ),
            (
                #"1 + {a="b"} | json"#,
                "parse error : unexpected type for right leg of binary operation (+): *syntax.PipelineExpr"
            ),
            (
                #"vector(1) or 2"#,
                "parse error : unexpected literal for right leg of logical/set binary operation (or): 2.000000"
            ),
            (
                #"label_replace(vector(1), "a", "b", "c", "(")"#,
                "parse error : invalid regex in label_replace: error parsing regexp: missing closing ): `(`"
            ),
            (
                #"{a="b"} | x > 0x10"#,
                #"parse error : unable to parse literal as a float: strconv.ParseFloat: parsing "0x10": invalid syntax"#
            ),
            (#"{a="b"} | x > ip("1.2.3.4")"#, "parse error at line 1, col 15: syntax error: unexpected ip"),
            (#"{a="b"} |= ip("nowhere")"#, #"parse error : stage '|= ip("nowhere")' : ip: invalid pattern: "nowhere""#),
            (#"{a="b"} | c!=ip("x")"#, #"parse error : stage '| c!=ip("x")' : ip: invalid pattern: "x""#),
            (#"{a="b"} |~ "(""#, #"parse error : stage '|~ "("' : error parsing regexp: missing closing ): `(`"#),
            (
                #"{a="b"} | logfmt x="""#,
                #"parse error : stage '| logfmt x=""' : cannot parse expression []: syntax error: unexpected $end, expecting STRING or KEY"#
            ),
            (#"{a="b"} |~ ip("1.2.3.4")"#, #"parse error : stage '|~ ip("1.2.3.4")' : ip: invalid operation"#),
            (#"{a="b"} | unwrap 5"#, "parse error at line 1, col 11: syntax error: unexpected unwrap"),
            (#"{a="b"} | drop"#, "parse error at line 1, col 15: syntax error: unexpected $end, expecting IDENTIFIER"),
            (#"{a="b"} | size > 1mb"#, "parse error at line 1, col 19: syntax error: unexpected IDENTIFIER"),
            (#"{foo="é"} ~"#, "parse error at line 1, col 11: syntax error: unexpected character '~'"),
        ])
    func refuses(query: String, message: String) {
        #expect {
            _ = try QueryExpression(parsing: query)
        } throws: {
            ($0 as? LogQueryError)?.message == message
        }
    }

    @Test(
        "folds numbers, with ^ to the right and a sign as part of the number",
        arguments: [
            ("1 + 2 * 3", 7.0), ("2 ^ 3 ^ 2", 512), ("-2^2", 4), ("(1 + 2) * 3", 9), ("7 % 4", 3), ("1 > 2", 0),
            ("2 - 1 - 1", 0),
        ])
    func folding(query: String, value: Double) throws {
        #expect(try QueryExpression(parsing: query) == .number(value))
    }

    @Test(
        "takes chains of 512 operators and stages, which can be evaluated, and refuses longer ones",
        arguments: [
            ("rate({app=\"a\"}[1m])", "+1", "", 512), ("rate({app=\"a\"}", " |= `x`", "[1m])", 512),
            ("rate({app=\"a\"} |= `x`", " or `x`", "[1m])", 511), ("rate({app=\"a\"}", "| json", "[1m])", 512),
            ("rate({app=\"a\"} | a>1", " and a>1", "[1m])", 511), ("rate({app=\"a\"} | a>1", " or a>1", "[1m])", 511),
            ("rate({app=\"a\"} | a>1 or a>1", " a>1", "[1m])", 510),
            ("sum_over_time({app=\"a\"} | unwrap x", " | a>1", "[1m])", 512),
        ])
    func chains(head: String, link: String, tail: String, most: Int) throws {
        let query = { (count: Int) in head + String(repeating: link, count: count) + tail }
        let source = MemorySource([([("app", "a")], [.init(seconds: 30, text: "{}")])])
        _ = try source.instant(query(most))
        for tooMany in [most + 1, 10_000] {
            #expect {
                _ = try QueryExpression(parsing: query(tooMany))
            } throws: {
                ($0 as? LogQueryError)?.message.hasSuffix(": the query has more than 512 operators and stages") == true
            }
        }
    }

    @Test(
        "refuses deep nesting of every kind",
        arguments: [
            ("", "("), ("", "sum("), ("", "1^"), ("", "1+("), ("", "label_replace("), ("rate(", "("),
            (#"{app="a"} | "#, "("), (#"{app="a"} | a>1"#, ",a>1"),
        ])
    func nesting(head: String, link: String) {
        #expect {
            _ = try QueryExpression(parsing: head + String(repeating: link, count: 9000))
        } throws: {
            ($0 as? LogQueryError)?.message.hasSuffix(": the query is nested deeper than 100") == true
        }
    }

    @Test("bounds the captures of an expression, and its size", arguments: [100, 101])
    func captures(count: Int) throws {
        let groups = (0..<count).map { "(?P<a\($0)>.)?" }.joined()
        for query in [
            "{a=\"b\"} | regexp `\(groups)`", "label_replace(rate({a=\"b\"}[1m]), `a`, `b`, `c`, `\(groups)`)",
        ] {
            guard count > 100 else {
                _ = try QueryExpression(parsing: query)
                continue
            }
            #expect(
                throws: LogQueryError(
                    .badQuery,
                    query.hasPrefix("{")
                        ? "parse error : invalid regexp parser: a regular expression has more than 100 captures"
                        : "parse error : invalid regex in label_replace: a regular expression has more than 100 captures"
                )
            ) { try QueryExpression(parsing: query) }
        }
        #expect {
            _ = try QueryExpression(
                parsing: "{a=\"b\"} | regexp `(?P<x>\\pL{100})`")
        } throws: {
            ($0 as? LogQueryError)?.message.contains("expression too large") == true
        }
    }

    @Test("never crashes on text cut anywhere or mutated")
    func hostile() {
        let query =
            #"sum by (app) (rate({app=~"a|b", env!="x"} |= "err" or `b` | json x="a[0]" | level="error" or d>1.5s, s<20MB | unwrap bytes(n) [5m] offset -1h)) > bool 5 ^ -2 # c"#
        let bytes = Array(query.utf8)
        for length in 0...bytes.count {
            _ = try? QueryExpression(parsing: String(decoding: bytes[..<length], as: UTF8.self))
            _ = try? QueryExpression(parsing: String(decoding: bytes[length...], as: UTF8.self))
        }
        var state: UInt64 = 7
        for _ in 0..<2000 {
            var changed = bytes
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                changed[Int(state >> 33) % changed.count] = UInt8(truncatingIfNeeded: state >> 20) & 0x7F
            }
            _ = try? QueryExpression(parsing: String(decoding: changed, as: UTF8.self))
        }
        #expect(throws: LogQueryError.self) {
            try QueryExpression(parsing: String(repeating: "(", count: 5000))
        }
        #expect(throws: LogQueryError.self) {
            try QueryExpression(parsing: "{a=\"b\"} | " + String(repeating: "(", count: 5000))
        }
    }
}
