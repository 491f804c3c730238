import LogQL
import Testing

@Suite("Printed LogQL")
struct PrinterTests {
    @Test(
        "stands on one line",
        arguments: [
            (#"{app="a",env!~'x'}"#.replacingOccurrences("'", "\""), #"{app="a", env!~"x"}"#),
            (
                #"{app=`a\d`}|="x"!="y" or "z"|~"r"|=ip("::1")"#,
                #"{app="a\\d"} |= "x" != "y" != "z" |~ "r" |= ip("::1")"#
            ),
            (#"{a="b"}|="x" or "y"|>"<_>x""#, #"{a="b"} |= "x" or "y" |> "<_>x""#),
            (
                #"{a="b"}|json x="y.z",w|logfmt --keep-empty --strict a"#,
                #"{a="b"} | json x="y.z",w="w" | logfmt --strict --keep-empty a="a""#
            ),
            (
                #"{a="b"}|regexp "(?P<x>.)"|pattern "<x> -"|unpack|decolorize"#,
                #"{a="b"} | regexp "(?P<x>.)" | pattern "<x> -" | unpack | decolorize"#
            ),
            (#"{a="b"}|x="1"|y=~"a.*|b"|z!~"c+"|w=~"d+e""#, #"{a="b"} | x="1" | y=~"a.*|b" | z!~"c+" | w=~`d+e`"#),
            (
                #"{a="b"}|x=1|y>=1.50|z<2h30m|w!=20MB|v=ip("10.0.0.0/8")"#,
                #"{a="b"} | x==1 | y>=1.5 | z<2h30m0s | w!=20MB | v=ip("10.0.0.0/8")"#
            ),
            (#"{a="b"}|x>1 or y>2 and z>3"#, #"{a="b"} | ( x>1 or ( y>2 , z>3 ) )"#),
            (#"{a="b"}|x>1,y>2 z>3"#, #"{a="b"} | ( x>1 , ( y>2 , z>3 ) )"#),
            (
                #"{a="b"}|line_format "{{.x}}"|label_format c=d,e="{{.f}}""#,
                #"{a="b"} | line_format "{{.x}}" | label_format c=d,e="{{.f}}""#
            ),
            (#"{a="b"}|drop c,d="e"|keep f,g=~"h""#, #"{a="b"} | drop c,d="e" | keep f,g=~"h""#),
            (#"SUM(RATE({a="b"}[90s]))"#, #"sum(rate({a="b"}[1m30s]))"#),
            (
                #"sum by(x,y)(count_over_time({a="b"}|json[1d]offset 90m))"#,
                #"sum by (x,y)(count_over_time({a="b"} | json[1d] offset 1h30m0s))"#
            ),
            (#"topk(5,sum without(x)(rate({a="b"}[1m])))"#, #"topk(5,sum without (x)(rate({a="b"}[1m])))"#),
            (
                #"quantile_over_time(0.99,{a="b"}|unwrap duration(x)|y="z"[5m])by(c)"#,
                #"quantile_over_time(0.99,{a="b"} | unwrap duration(x) | y="z"[5m]) by (c)"#
            ),
            (
                #"rate({a="b"}[1m])*on(x)group_left(y)rate({c="d"}[1m])"#,
                #"(rate({a="b"}[1m]) * on (x) group_left (y) rate({c="d"}[1m]))"#
            ),
            (#"1+2*3"#, "7"), (#"vector(1)>bool 2"#, "(vector(1.000000) > bool 2)"),
            (#"label_replace(vector(1),"a","$1","b","(.*)")"#, #"label_replace(vector(1.000000),"a","$1","b","(.*)")"#),
            (#"rate({a="b"}[1m])-1-2"#, #"((rate({a="b"}[1m]) - 1) - 2)"#),
        ])
    func text(query: String, expected: String) throws {
        let printed = try QueryExpression(parsing: query)
        #expect(printed.description == expected)
        #expect(try QueryExpression(parsing: printed.description).description == expected, "it reads back as the same")
    }

    @Test(
        "is broken where it is longer than a line",
        arguments: [
            (#"{job="loki"}|logfmt|level="error""#, "{job=\"loki\"}\n  | logfmt\n  | level=\"error\""),
            (
                #"{job="loki"}|="a" or "b" != "a text longer than a line" or "c" | json"#,
                "{job=\"loki\"}\n  |= \"a\" or \"b\"\n  != \"a text longer than a line\"\n  != \"c\"\n  | json"
            ),
            (
                #"count_over_time({job="loki"}|="error"[5m] offset 20m)"#,
                "count_over_time(\n  {job=\"loki\"}\n    |= \"error\" [5m] offset 20m\n)"
            ),
            (
                #"quantile_over_time(0.99,{job="loki"}|json|unwrap ms|__error__=""[1m]) by (cluster)"#,
                "quantile_over_time(\n  0.99,\n  {job=\"loki\"} | json\n    | unwrap ms\n    | __error__=\"\" [1m]\n) by (cluster)"
            ),
            (
                #"topk(5, sum(rate({foo="bar",namespace="loki"}[5m])) by (container, pod))"#,
                "topk(\n  5,\n  sum by (container, pod)(\n    rate(\n      {foo=\"bar\", namespace=\"loki\"} [5m]\n    )\n  )\n)"
            ),
            (
                #"sum(rate({job="loki"}[5m])) / on (instance) group_left (node) 2"#,
                "  sum(\n    rate(\n      {job=\"loki\"} [5m]\n    )\n  )\n/ on (instance) group_left (node)\n  2"
            ),
            (
                #"10 / (rate({job="loki-prod"}[5m]) / 2)"#,
                "  10\n/\n  (\n      rate(\n        {job=\"loki-prod\"} [5m]\n      )\n    /\n      2\n  )"
            ),
        ])
    func broken(query: String, expected: String) throws {
        let expression = try QueryExpression(parsing: query)
        let pretty = expression.pretty(maxLineLength: 20)
        #expect(pretty == expected)
        #expect(try QueryExpression(parsing: pretty).description == expression.description, "it means the same")
    }

    @Test("stays on one line up to 100 characters")
    func short() throws {
        let query = #"sum by (app)(rate({app="a"} |= "error" [5m]))"#
        #expect(try QueryExpression(parsing: query).pretty == #"sum by (app)(rate({app="a"} |= "error"[5m]))"#)
    }
}

extension String {
    fileprivate func replacingOccurrences(_ old: Character, _ new: Character) -> String {
        String(map { $0 == old ? new : $0 })
    }
}
