import LogQL
import MartletCore
import Testing

/// Each case is a line, the stages it goes through, and the labels beside `app` that it has then; nil when it is dropped.
@Suite("Stages of a pipeline")
struct StageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let line: String
        let stages: String
        let labels: String?
        var metadata: [(String, String)] = []

        init(_ line: String, _ stages: String, _ labels: String?, metadata: [(String, String)] = []) {
            self.line = line
            self.stages = stages
            self.labels = labels
            self.metadata = metadata
        }

        var testDescription: String { "\(line) \(stages)" }
    }

    private func check(_ test: Case) throws {
        let source = MemorySource([
            ([("app", "a")], [.init(seconds: 1, text: test.line, metadata: Labels(test.metadata))])
        ])
        guard case .log(let log) = try QueryExpression(parsing: "{app=\"a\"} \(test.stages)") else { return }
        let streams = try LogEngine(source).logs(
            log, start: 0, end: 2_000_000_000, limit: 1, direction: .forward, context: LogQueryContext()
        ).merged().streams
        let labels = streams.first?.labels.pairs.filter { $0.name != "app" }
            .map { "\($0.name)=\(GoQuote.quote($0.value))" }.joined(separator: ", ")
        #expect(labels == test.labels)
    }

    @Test(
        "json",
        arguments: [
            Case(#"{"b":1,"c":"x","d":true}"#, "| json", #"b="1", c="x", d="true""#),
            Case(#"{"x":{"y":{"z":1}}}"#, "| json", #"x_y_z="1""#),
            Case(#"{"l":[1,2],"n":null,"k":"v"}"#, "| json", #"k="v""#),
            Case(#"{"a-b":"1","1x":"2"}"#, "| json", #"_1x="2", a_b="1""#),
            Case(#"{"app":"other"}"#, "| json", #"app_extracted="other""#),
            Case(#"{"t":"parsed"}"#, "| json", #"t="meta", t_extracted="parsed""#, metadata: [("t", "meta")]),
            Case(#"{"k":"first","k":"second"}"#, "| json", #"k="first""#),
            Case(#"{"e":"a\"b\\c\u0041"}"#, "| json", #"e="a\"b\\cA""#),
            Case(#"{"b":{"c":1}} {"d":2} more"#, "| json", #"b_c="1""#),
            Case("{\"b\":\"x\ty\"}", "| json", #"b="x\ty""#),
            Case("{\"b\":\"x\ty\"}", "| json c=\"b\"", #"c="x\ty""#),
            Case(#"{"x":{"y":[{"k":"v"}]}}"#, #"| json a="x.y[0].k""#, #"a="v""#),
            Case(#"{"x":{"y":1}}"#, #"| json a="x", b="nope""#, #"a="{\"y\":1}", b="""#),
            Case(#"{"x":{"User-Agent":"m"}}"#, #"| json a="x[\"User-Agent\"]""#, #"a="m""#),
            Case(#"{"b":1}"#, "| json b", #"b="1""#), Case(#"{"b":null}"#, "| json b", #"b="""#),
            Case(#"{"b":1}"#, "| json c", #"c="""#),
            Case(#"{"app":"other"}"#, "| json app", #"app_extracted="other""#),
            Case(#"{"t":"parsed"}"#, "| json t", #"t="meta", t_extracted="parsed""#, metadata: [("t", "meta")]),
            Case(#"{"b":1}"#, "| json t", #"t="meta""#, metadata: [("t", "meta")]),
            Case("plain", "| json t, u", #"__error__="JSONParserErr", t="meta""#, metadata: [("t", "meta")]),
            Case("", "| json t", ""),
            Case(#"{"x":{"b":2},"b":1}"#, #"| json | json b="x.b", x_b="c""#, #"b="2", x_b="2""#),
            Case(#"{"b":1,"c":"cut o"#, "| json b, d", #"b="1", d="""#),
        ])
    func json(test: Case) throws { try check(test) }

    @Test(
        "logfmt",
        arguments: [
            Case(#"b=1 c="x y" d="q\"r""#, "| logfmt", #"b="1", c="x y", d="q\"r""#),
            Case("b= bare c=1", "| logfmt", #"c="1""#),
            Case("b= bare c=1", "| logfmt --keep-empty", #"b="", bare="", c="1""#),
            Case(#"b=1 c="open"#, "| logfmt", #"b="1""#), Case("a=b=c d=e", "| logfmt", #"d="e""#),
            Case("app=other k.v=1", "| logfmt", #"app_extracted="other", k_v="1""#),
            Case("k=1 k=2", "| logfmt", #"k="1""#), Case("b=1 c=2", #"| logfmt x="c""#, #"x="2""#),
            Case("k=1 k=2", "| logfmt k", #"k="2""#),
            Case("k-a=1 2b=3", #"| logfmt x="k_a", y="_2b""#, #"x="1", y="3""#),
            Case("b=1", #"| logfmt x="c""#, #"x="""#), Case("b=1", "| logfmt b, c", #"b="1", c="""#),
            Case("b=1", "| logfmt | logfmt", #"b="1""#),
            Case(#"b="x\u00e9\'\/\t" c=1"#, "| logfmt", #"b="xé'/\t", c="1""#),
            Case(#"b="x\d" c="\u12" d=1"#, "| logfmt", #"d="1""#),
            Case(#"b="x\d" c=1"#, "| logfmt b, c", #"b="", c="1""#),
            Case("app=other", "| logfmt app", #"app_extracted="other""#),
            Case("b=1", "| logfmt b, t", #"b="1", t="meta""#, metadata: [("t", "meta")]),
        ])
    func logfmt(test: Case) throws { try check(test) }

    @Test(
        "pattern and regexp",
        arguments: [
            Case("GET /x 200", #"| pattern "<m> <p> <s>""#, #"m="GET", p="/x", s="200""#),
            Case("GET /x 200", #"| pattern "<_> <p> <_>""#, #"p="/x""#),
            Case("GET /x", #"| pattern "<m> <p> <s>""#, #"m="GET", p="/x""#), Case("x=1", #"| pattern "y=<v>""#, ""),
            Case("[a] b", #"| pattern "[<x>] <y>""#, #"x="a", y="b""#), Case("", #"| pattern "<x> <y>""#, ""),
            Case("took 12ms", #"| regexp "(?P<n>\\d+)(?P<u>[a-z]+)""#, #"n="12", u="ms""#),
            Case("nothing", #"| regexp "(?P<n>\\d+)""#, ""),
            Case("app", #"| regexp "(?P<app>a.)""#, #"app_extracted="ap""#),
            Case("ab", "| regexp `(?P<x>a)(?P<y>c)?`", #"x="a", y="""#),
            Case("ab", "| regexp `(?P<1x>a)`", #"_1x="a""#),
        ])
    func captures(test: Case) throws { try check(test) }

    @Test(
        "label filters",
        arguments: [
            Case("n=5", "| logfmt | n>4", #"n="5""#), Case("n=5", "| logfmt | n>5", nil),
            Case("n=5", "| logfmt | n=5", #"n="5""#),
            Case("n=5.0", "| logfmt | n==5", #"n="5.0""#), Case("n=5", "| logfmt | m>4", nil),
            Case("n=1e3", "| logfmt | n>=1000", #"n="1e3""#), Case("n=1_000", "| logfmt | n>999", #"n="1_000""#),
            Case("n=0x1p4", "| logfmt | n==16", #"n="0x1p4""#), Case("n=+Inf", "| logfmt | n>1", #"n="+Inf""#),
            Case("d=1s", "| logfmt | d>-1s", #"d="1s""#), Case("d=-2s", "| logfmt | d>-1s", nil),
            Case("n=-2", "| logfmt | n<-1", #"n="-2""#),
            Case("d=1.5s", "| logfmt | d>1s", #"d="1.5s""#), Case("d=90s", "| logfmt | d=1m30s", #"d="90s""#),
            Case("d=1h", "| logfmt | d<1d", #"d="1h""#),
            Case("s=2Kb", "| logfmt | s>=2KB", #"s="2Kb""#), Case("s=2KiB", "| logfmt | s=2048B", #"s="2KiB""#),
            Case("s=2,048", "| logfmt | s<3kB", #"s="2,048""#),
            Case("n=x", #"| logfmt | n="x""#, #"n="x""#), Case("n=x", #"| logfmt | m="""#, #"n="x""#),
            Case("n=xy", #"| logfmt | n=~"x""#, nil),
            Case("n=xy", #"| logfmt | n=~"x.""#, #"n="xy""#), Case("n=xy", #"| logfmt | n!~"x.""#, nil),
            Case("i=10.1.2.3", #"| logfmt | i=ip("10.0.0.0/8")"#, #"i="10.1.2.3""#),
            Case("i=11.1.2.3", #"| logfmt | i=ip("10.0.0.0/8")"#, nil),
            Case("i=11.1.2.3", #"| logfmt | i!=ip("10.0.0.0/8")"#, #"i="11.1.2.3""#),
            Case("x=1", #"| logfmt | i!=ip("10.0.0.0/8")"#, nil),
            Case("i=none", #"| logfmt | i!=ip("10.0.0.0/8")"#, #"i="none""#),
            Case("a1=1 b1=2", "| logfmt | a1=1 or b1=9 and c1=9", #"a1="1", b1="2""#),
            Case("a1=1 b1=2", "| logfmt | a1=9 or b1=2, a1=1", #"a1="1", b1="2""#),
            Case("a1=1 b1=2", "| logfmt | a1=1, b1=9 or b1=2", #"a1="1", b1="2""#),
            Case("a1=1 b1=2", "| logfmt | (a1=1 or b1=9) and b1=9", nil),
        ])
    func labelFilters(test: Case) throws { try check(test) }

    @Test(
        "line filters",
        arguments: [
            Case("an error", #"|= "err""#, ""), Case("an error", #"|= "ERR""#, nil),
            Case("an error", #"!= "err""#, nil), Case("an error", #"|~ "e.r""#, ""),
            Case("an error", #"|~ "(?i)ERR""#, ""), Case("an error", #"!~ "^err""#, ""),
            Case("b", #"|= "a" or "b""#, ""), Case("c", #"!= "a" or "b""#, ""),
            Case("b", #"!= "a" or "b""#, nil), Case("from 10.1.2.3:80", #"|= ip("10.0.0.0/8")"#, ""),
            Case("from 11.1.2.3", #"!= ip("10.0.0.0/8")"#, ""),
            Case("from 11.1.2.3 x", #"|= ip("10.0.0.0/8") or "x""#, ""), Case("a b c", #"|> "<_> b <_>""#, ""),
            Case("a b c", #"!> "<_> b <_>""#, nil),
            Case("a b c", #"|> "a <_>""#, ""), Case("a b c", #"|= """#, ""), Case("a", "|= `a` # |= `b`", ""),
        ])
    func lineFilters(test: Case) throws { try check(test) }

    @Test(
        "drop and keep",
        arguments: [
            Case("b=1 c=2", "| logfmt | drop b", #"c="2""#),
            Case("b=1 c=2", #"| logfmt | drop b="2", c=~"2""#, #"b="1""#),
            Case("b=1 c=2", "| logfmt | keep app, c", #"c="2""#), Case("b=1 c=2", #"| logfmt | keep app, b="2""#, ""),
            Case("b=1", "| drop t", "", metadata: [("t", "x")]),
        ])
    func choices(test: Case) throws { try check(test) }

    @Test(
        "errors stay with the line, the last of them",
        arguments: [
            ("{", "| json", "JSONParserErr"), (#"a="x"#, "| logfmt --strict", "LogfmtParserErr"),
            (#"a="\d" b=1"#, "| logfmt --strict", "LogfmtParserErr"),
            (#"a="\d""#, "| logfmt --strict a", "LogfmtParserErr"),
            ("n=x", "| logfmt | n>1", "LabelFilterErr"),
            ("n=x m=y", "| logfmt | n>1 | line_format `{{ div 1 0 }}`", "TemplateFormatErr"),
            ("n=x m=y", "| logfmt | line_format `{{ div 1 0 }}` | n>1", "TemplateFormatErr"),
            (#"{"a":"x"#, "| logfmt --strict | json", "JSONParserErr"),
            ("n=0x10", "| logfmt | n>1", "LabelFilterErr"), ("n=_1", "| logfmt | n>0", "LabelFilterErr"),
            ("n=1__0", "| logfmt | n>0", "LabelFilterErr"), ("n=1e999", "| logfmt | n>0", "LabelFilterErr"),
            ("x", "| unpack", "JSONParserErr"),
            ("d=x", "| logfmt | d>1s", "LabelFilterErr"), ("s=x", "| logfmt | s>1KB", "LabelFilterErr"),
        ])
    func errors(line: String, stages: String, code: String) throws {
        let source = MemorySource([([("app", "a")], [.init(seconds: 1, text: line)])])
        #expect(try source.logs("{app=\"a\"} \(stages) | __error__=\"\(code)\"").count == 1)
        #expect(try source.logs("{app=\"a\"} \(stages) | __error__=\"\"").isEmpty)
        #expect(try source.logs("{app=\"a\"} \(stages) | drop __error__ | __error__=\"\"").count == 1)
    }

    @Test(
        "errors that are dropped are gone, and make room for others",
        arguments: [
            (#"drop __error__="JSONParserErr""#, 0), (#"drop __error__=~"JSON.*", __error_details__"#, 0),
            (#"drop __error__="LogfmtParserErr""#, 1), (#"drop __error__=~"Log.*", x"#, 1),
            ("drop __error__ | app > 1", 1), (#"drop __error__ | json x="y""#, 0),
        ])
    func droppedErrors(stages: String, count: Int) throws {
        let source = MemorySource([([("app", "a")], [.init(seconds: 1, text: "{")])])
        #expect(try source.logs("{app=\"a\"} | json | \(stages) | __error__!=\"\"").count == count)
        #expect(try source.logs("{app=\"a\"} | json | \(stages)").count == 1)
    }

    @Test("unpack makes labels of an object, and its entry the line")
    func unpack() throws {
        let source = MemorySource([
            ([("app", "a")], [.init(seconds: 1, text: #"{"pod":"p","app":"b","n":1,"_entry":"the line"}"#)])
        ])
        #expect(try source.logs(#"{app="a"} | unpack"#) == [#"{app="a", app_extracted="b", pod="p"} 1 the line"#])
    }

    @Test(
        "unpack leaves alone what is not packed",
        arguments: [
            Case(#"{"pod":"p"}"#, "| unpack", ""), Case("", "| unpack", ""), Case("{}", "| unpack", ""),
            Case(#"{"pod":"p","_entry":"x"#, "| unpack | drop __error__, __error_details__", ""),
            Case(#"{"_entry":"x","pod":"p"} rest"#, "| unpack", #"pod="p""#),
            Case(#"{"pod":"p","_entry":"x","pod":"q"}"#, "| unpack", #"pod="q""#),
        ])
    func unpackOthers(test: Case) throws { try check(test) }
}
