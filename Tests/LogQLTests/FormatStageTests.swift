import LogQL
import MartletCore
import Testing

@Suite("Stages that rewrite lines and labels")
struct FormatStageTests {
    let source = MemorySource([
        (
            [("app", "web"), ("env", "prod")],
            [
                .init(
                    seconds: 1, text: #"{"method":"get","path":"/a","ms":12}"#, metadata: Labels([("trace_id", "t1")])),
                .init(seconds: 2, text: "\u{1B}[31mred\u{1B}[0m"),
            ]
        )
    ])

    private func lines(_ query: String) throws -> [String] { try source.logs(query) }

    @Test(
        "line_format puts a template in the line's place",
        arguments: [
            ("{{.method}} {{.path}}", "get /a"), ("{{.method | upper}}", "GET"), ("{{.trace_id}}", "t1"),
            ("{{.missing}}", ""),
            ("no label", "no label"), ("{{__line__ | trunc 8}}", #"{"method"#),
            (#"{{__timestamp__ | unixEpoch}}"#, "1"),
            (#"{{if eq .method "get"}}read{{else}}write{{end}}"#, "read"), (#"{{printf "%-6s|" .method}}"#, "get   |"),
            (#"{{range $name, $value := .}}{{$name}},{{end}}"#, "app,env,method,ms,path,trace_id,"),
            (#"{{ addf .ms 0.5 }}"#, "12.5"), ("{{.app}}-{{ .env }}", "web-prod"), (#"{{ .ms | mul 2 }}"#, "24"),
        ])
    func lineFormat(template: String, expected: String) throws {
        let found = try lines("{app=\"web\"} |= \"method\" | json | line_format `\(template)`")
        #expect(found == [#"{app="web", env="prod", method="get", ms="12", path="/a", trace_id="t1"} 1 "# + expected])
    }

    @Test("later stages see the new line")
    func chain() throws {
        #expect(
            try lines(
                #"{app="web"} |= "method" | line_format "level=warn a={{.env}}" | logfmt | keep level, a |= "prod""#)
                == [#"{a="prod", level="warn"} 1 level=warn a=prod"#])
    }

    @Test(
        "label_format renames and makes labels",
        arguments: [
            (#"verb=method"#, #"{app="web", env="prod", ms="12", path="/a", trace_id="t1", verb="get"}"#),
            (#"method="{{.method}}!""#, #"{app="web", env="prod", method="get!", ms="12", path="/a", trace_id="t1"}"#),
            (#"a="{{.ms}}", path=method"#, #"{a="12", app="web", env="prod", ms="12", path="get", trace_id="t1"}"#),
            (
                #"b=app, c="{{.app}}{{.b}}""#,
                #"{b="web", c="web", env="prod", method="get", ms="12", path="/a", trace_id="t1"}"#
            ),
            (
                #"a="x", b="{{.a}}{{.app}}""#,
                #"{a="x", app="web", b="web", env="prod", method="get", ms="12", path="/a", trace_id="t1"}"#
            ),
            (
                #"a="{{.app}}", b=app, c="{{.app}}{{.b}}""#,
                #"{a="web", b="web", c="web", env="prod", method="get", ms="12", path="/a", trace_id="t1"}"#
            ),
            (#"x=absent"#, #"{app="web", env="prod", method="get", ms="12", path="/a", trace_id="t1"}"#),
            (#"app="""#, #"{app="", env="prod", method="get", ms="12", path="/a", trace_id="t1"}"#),
        ])
    func labelFormat(formats: String, labels: String) throws {
        let found = try lines("{app=\"web\"} |= \"method\" | json | label_format \(formats)")
        #expect(found == [labels + #" 1 {"method":"get","path":"/a","ms":12}"#])
    }

    @Test("a template that fails leaves the line as it is, in error")
    func failures() throws {
        #expect(
            try lines(#"{app="web"} |= "method" | line_format "{{ div 1 0 }}" | keep app"#) == [
                #"{__error__="TemplateFormatErr", __error_details__="template: line:1:3: executing \"line\" at <div 1 0>: error calling div: runtime error: integer divide by zero", app="web"} 1 {"method":"get","path":"/a","ms":12}"#
            ])
        #expect(
            try lines(
                #"{app="web"} |= "method" | label_format a="{{ substr 9 1 .app }}", b="{{.app}}" | keep b, __error__"#)
                == [
                    #"{__error__="TemplateFormatErr", __error_details__="template: label:1:3: executing \"label\" at <substr 9 1 .app>: error calling substr: runtime error: slice bounds out of range [9:1]", b="web"} 1 {"method":"get","path":"/a","ms":12}"#
                ])
    }

    @Test(
        "a template or a path that cannot be parsed is a parse error",
        arguments: [
            (
                #"line_format "{{ nosuch }}""#,
                #"parse error : stage '| line_format "{{ nosuch }}"' : invalid line template: template: line:1: function "nosuch" not defined"#
            ),
            (
                #"label_format x="{{""#,
                #"parse error : stage '| label_format x="{{"' : invalid template for label 'x': template: label:1: unclosed action"#
            ),
            (
                #"label_format a=b, a=c"#,
                "parse error : stage '| label_format a=b,a=c' : multiple label name 'a' not allowed in a single format operation"
            ),
            (
                #"label_format __error__="x""#,
                #"parse error : stage '| label_format __error__="x"' : __error__ cannot be formatted"#
            ),
            (
                #"json x="a..b""#,
                #"parse error : stage '| json x="a..b"' : cannot parse expression [a..b]: syntax error: unexpected DOT, expecting FIELD"#
            ),
            (
                #"json x="a[""#,
                #"parse error : stage '| json x="a["' : cannot parse expression [a[]: syntax error: unexpected $end, expecting STRING or INDEX"#
            ),
            (
                #"json x="$.a""#,
                #"parse error : stage '| json x="$.a"' : cannot parse expression [$.a]: syntax error: unexpected $end, expecting LSB or FIELD"#
            ),
            (
                #"json x="a-b""#,
                #"parse error : stage '| json x="a-b"' : cannot parse expression [a-b]: unexpected char -"#
            ),
        ])
    func refusals(stage: String, message: String) {
        #expect(throws: LogQueryError(.badQuery, message)) { try lines("{app=\"web\"} | \(stage)") }
    }

    @Test(
        "decolorize takes the colours away",
        arguments: [
            ("\u{1B}[31mred\u{1B}[0m", "red"), ("\u{1B}[1;32;40mbold\u{1B}[m x", "bold x"),
            ("plain [31m", "plain [31m"),
            ("\u{1B}[2K\u{1B}[1Gtext", "text"), ("\u{1B}(Btext", "text"), ("\u{1B}]0;title\u{07}text", "text"),
            ("cut \u{1B}[", "cut \u{1B}["),
            ("\u{9B}31mred", "red"),
        ])
    func decolorize(line: String, expected: String) throws {
        let source = MemorySource([([("app", "a")], [.init(seconds: 1, text: line)])])
        #expect(try source.logs(#"{app="a"} | decolorize"#) == [#"{app="a"} 1 "# + expected])
    }

    @Test("a metric counts the lines that a template made")
    func metrics() throws {
        #expect(try source.instant(#"sum(bytes_over_time({app="web"} | line_format "{{.env}}" [1m]))"#) == ["{}=8"])
        #expect(
            try source.instant(
                #"sum by (verb) (count_over_time({app="web"} | json | __error__="" | label_format verb="{{.method | upper}}" [1m]))"#
            )
                == [#"{verb="GET"}=1"#])
        #expect(
            try source.instant(
                #"sum_over_time({app="web"} | json | label_format n="{{ mul .ms 2 }}" | __error__="" | keep n | unwrap n [1m])"#
            )
                == ["{}=24"])
    }
}
