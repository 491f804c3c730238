import Templates
import Testing

@Suite("Loki's template functions")
struct LokiFunctionsTests {
    private func render(
        _ text: String, _ labels: [String: String] = [:], limits: TemplateLimits = TemplateLimits()
    ) throws -> String {
        let line = TemplateLine(clock: { 1_700_000_000_123_456_789 })
        line.begin("level=info abc abc", timestamp: 1_656_353_124_120_000_000)
        let functions = LokiFunctions.functions(line)
        let template = try Template(name: "line", text: text, functions: functions, limits: limits)
        return try template.render(.map(TemplateMap(labels.map { ($0.key, $0.value) })), functions: functions)
    }

    @Test("no template works on gigabytes of text that it makes")
    func work() {
        var limits = TemplateLimits()
        limits.steps = 10_000
        let text = "{{$x := repeat 50000 \"x \"}}"
        for function in ["title $x", "fromJson $x", "regexReplaceAll \"x\" $x \"y\"", "count \"x\" $x"] {
            #expect(throws: TemplateError.self, "\(function)") {
                try render(text + "{{range 500}}{{$y := \(function)}}{{end}}", limits: limits)
            }
        }
    }

    @Test(
        "change text",
        arguments: [
            (#"{{ lower "AbC" }}{{ ToLower "Ä" }}"#, "abcä"), (#"{{ "abc" | upper }}{{ ToUpper "x" }}"#, "ABCX"),
            (#"{{ title "foo bar_baz d'or" }}"#, "Foo Bar_baz D'Or"),
            (
                #"{{ trunc 2 "abcd" }} {{ trunc -2 "abcd" }} {{ trunc 9 "abcd" }} {{ trunc -9 "abcd" }}"#,
                "ab cd abcd abcd"
            ),
            (
                #"{{ substr 1 3 "abcd" }} {{ substr -1 2 "abcd" }} {{ substr 1 -1 "abcd" }} {{ substr 2 9 "abcd" }}"#,
                "bc ab bcd cd"
            ),
            (#"{{ contains "b" "abc" }} {{ contains "x" "abc" }} {{ contains "" "abc" }}"#, "true false true"),
            (#"{{ hasPrefix "a" "abc" }} {{ hasSuffix "a" "abc" }}"#, "true false"),
            (#"[{{ indent 2 "a\nb" }}] [{{ nindent 1 "c" }}]"#, "[  a\n  b] [\n c]"),
            (
                #"{{ replace "a" "xy" "banana" }} {{ Replace "banana" "a" "" 2 }} {{ Replace "ab" "" "-" -1 }}"#,
                "bxynxynxy bnna -a-b-"
            ),
            (#"{{ repeat 3 "ab" }}[{{ repeat 0 "ab" }}]"#, "ababab[]"),
            (#"[{{ trim " a " }}] [{{ TrimSpace "\t b\n" }}]"#, "[a] [b]"),
            (
                #"{{ trimAll "$" "$5$" }} {{ Trim "xax" "x" }} {{ TrimLeft "xax" "x" }} {{ TrimRight "xax" "x" }}"#,
                "5 a ax xa"
            ),
            (
                #"{{ trimPrefix "-" "-a-" }} {{ trimSuffix "-" "-a-" }} {{ TrimPrefix "-a-" "-" }} {{ TrimSuffix "-a-" "-" }}"#,
                "a- -a a- -a"
            ),
            (
                #"[{{ alignLeft 5 "ab" }}] [{{ alignRight 5 "ab" }}] {{ alignLeft 2 "äöü" }} {{ alignRight 2 "äöü" }}"#,
                "[ab   ] [   ab] äö öü"
            ),
            (#"{{ urlencode "a b&c=ä" }} {{ urldecode "a+b%26c%3D%C3%A4" }}"#, "a+b%26c%3D%C3%A4 a b&c=ä"),
            (
                #"{{ b64enc "foobar" }} {{ b64dec "Zm9vYmE=" }} {{ b64dec "Zm9vYg" }} {{ b64dec "!" }}"#,
                "Zm9vYmFy fooba foob illegal base64 data at input byte 0"
            ),
            (
                #"{{ regexReplaceAll "(a)(n)" "banana" "$2$1" }} {{ regexReplaceAllLiteral "a" "aa" "$1" }}"#,
                "bnanaa $1$1"
            ),
            (#"{{ count "abc" __line__ }} {{ "aaa" | count "a|b" }} {{ count "x*" "ab" }}"#, "2 3 3"),
            (#"{{ "" | default "-" }}{{ "x" | default "-" }}{{ default 5 0 }}{{ default "d" }}"#, "-x5d"),
            (#"{{ .missing }}[{{ .missing | default "none" }}]"#, "[none]"),
        ])
    func text(template: String, expected: String) throws {
        #expect(try render(template) == expected)
    }

    @Test(
        "count",
        arguments: [
            (
                #"{{ int "12" }} {{ int "1.9" }} {{ int "0x10" }} {{ int "010" }} {{ int "-.5" }} {{ int "x" }} {{ int 2.7 }}"#,
                "12 1 16 8 0 0 2"
            ),
            (#"{{ float64 "2.5" }} {{ float64 "x" }} {{ float64 3 }}"#, "2.5 0 3"),
            (
                #"{{ add 1 "2" 3 }} {{ sub 5 2 }} {{ mul 2 3 "4" }} {{ div 7 2 }} {{ mod 7 3 }} {{ div -7 2 }}"#,
                "6 3 24 3 1 -3"
            ),
            (
                #"{{ addf 0.1 0.2 }} {{ subf 1 0.9 }} {{ mulf "1.1" 1.1 }} {{ divf 1 3 }}"#,
                "0.3 0.1 1.21 0.3333333333333333"
            ),
            (#"{{ divf 1e30 3 | printf "%.3e" }} {{ mulf 1e300 10 }}"#, "3.333e+29 1e+301"),
            (#"{{ max 1 "5" 3 }} {{ min 4 2 }} {{ maxf 1.5 "2.5" }} {{ minf 1.5 -1 }}"#, "5 2 2.5 -1"),
            (
                #"{{ ceil 1.2 }} {{ floor "1.8" }} {{ round 123.5555 3 }} {{ round 1.25 1 0.6 }} {{ round 12 -1 }}"#,
                "2 1 123.556 1.2 10"
            ),
            (#"{{ bytes "3 kB" }} {{ bytes "2KiB" }} {{ bytes "3MB" }} {{ bytes "1,024" }}"#, "3000 2048 3e+06 1024"),
            (#"{{ duration "3ms" }} {{ duration_seconds "3m10s" }}"#, "0.003 190"),
        ])
    func numbers(template: String, expected: String) throws {
        #expect(try render(template) == expected)
    }

    @Test(
        "know times",
        arguments: [
            (
                #"{{ __timestamp__ | date "2006-01-02" }} {{ unixEpoch __timestamp__ }} {{ unixEpochMillis __timestamp__ }}"#,
                "2022-06-27 1656353124 1656353124120"
            ),
            (
                #"{{ toDateInZone "2006-01-02T15:04:05.999999999Z" "UTC" "2023-03-10T01:32:40.340485723Z" | unixEpochNanos }}"#,
                "1678411960340485723"
            ),
            (
                #"{{ (toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2026-07-01 12:00").UTC }}"#,
                "2026-07-01 10:00:00 +0000 UTC"
            ),
            (
                #"{{ toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2026-01-01 12:00" }}"#,
                "2026-01-01 12:00:00 +0100 CET"
            ),
            (#"{{ toDateInZone "2006-01-02" "Nowhere/Land" "2026-01-01" }}"#, "2026-01-01 00:00:00 +0000 UTC"),
            (#"{{ toDate "2006-01-02" "not a date" | unixEpoch }}"#, "-62135596800"),
            (
                #"{{ sub (unixEpoch (toDate "2006-01-02" "2021-11-02")) (unixEpoch (toDate "2006-01-02" "2021-11-01")) }}"#,
                "86400"
            ),
            (
                #"{{ (unixToTime "19503").UTC }} {{ unixToTime "1679577215" | unixEpoch }}"#,
                "2023-05-26 00:00:00 +0000 UTC 1679577215"
            ),
            (
                #"{{ unixToTime "1257894000000" | unixEpochMillis }} {{ unixToTime "1673798889902000" | unixEpochNanos }}"#,
                "1257894000000 1673798889902000000"
            ),
            (#"{{ unixToTime "1000000000000000000" | unixEpochNanos }}"#, "1000000000000000000"),
            (#"{{ now | unixEpochNanos }} {{ date "2006" 0 }}"#, "1700000000123456789 1970"),
            (#"{{ date "2006" "no time" }} {{ date "2006" .nothing }}"#, "2023 2023"),
        ])
    func times(template: String, expected: String) throws {
        #expect(try render(template) == expected)
    }

    @Test("read JSON, and nothing from what is none")
    func json() throws {
        let labels = ["j": #"{"a":[{"b":"x"},{"b":"y"}],"n":1.5,"t":true}"#]
        #expect(try render(#"{{ range (fromJson .j).a }}{{ .b }};{{ end }}"#, labels) == "x;y;")
        #expect(try render(#"{{ $j := fromJson .j }}{{ $j.n }} {{ $j.t }}"#, labels) == "1.5 true")
        #expect(try render(#"{{ if fromJson "{" }}yes{{ else }}no{{ end }}"#) == "no")
    }

    @Test(
        "fail in Go's words",
        arguments: [
            (
                #"{{ div 1 0 }}"#,
                #"template: line:1:3: executing "line" at <div 1 0>: error calling div: runtime error: integer divide by zero"#
            ),
            (
                #"{{ divf 1 0 }}"#,
                #"template: line:1:3: executing "line" at <divf 1 0>: error calling divf: decimal division by 0"#
            ),
            (
                #"{{ substr 3 1 "abcd" }}"#,
                #"template: line:1:3: executing "line" at <substr 3 1 "abcd">: error calling substr: runtime error: slice bounds out of range [3:1]"#
            ),
            (
                #"{{ repeat -1 "a" }}"#,
                #"template: line:1:3: executing "line" at <repeat -1 "a">: error calling repeat: strings: negative Repeat count"#
            ),
            (
                #"{{ duration "x" }}"#,
                #"template: line:1:3: executing "line" at <duration "x">: error calling duration: time: invalid duration "x""#
            ),
            (
                #"{{ .x | now }}"#,
                #"template: line:1:8: executing "line" at <now>: wrong number of args for now: want 0 got 1"#
            ),
            (
                #"{{ unixToTime "12" }}"#,
                #"template: line:1:3: executing "line" at <unixToTime "12">: error calling unixToTime: unable to parse time '12': %!w(<nil>)"#
            ),
            (
                #"{{ urldecode "%zz" }}"#,
                #"template: line:1:3: executing "line" at <urldecode "%zz">: error calling urldecode: invalid URL escape "%zz""#
            ),
        ])
    func failures(template: String, message: String) {
        #expect { try render(template) } throws: { "\($0)" == message }
    }

    @Test(
        "make no text that fills the memory",
        arguments: [
            #"{{ repeat 1000000000 "abc" }}"#, #"{{ indent 1000000000 "a" }}"#, #"{{ alignLeft 1000000000 "a" }}"#,
            #"{{ $x := repeat 3000 "a" }}{{ replace "a" $x $x }}"#,
            #"{{ $x := repeat 3000 "a" }}{{ regexReplaceAll "a" $x $x }}"#,
        ])
    func bounds(template: String) {
        #expect { try render(template) } throws: { "\($0)".hasSuffix("the result would be too long") }
    }

    @Test(
        "take any number",
        arguments: [
            (#"{{ alignLeft -9223372036854775808 "ab" }}{{ alignRight -1 "c" }}"#, "abc"),
            (#"{{ trunc -9223372036854775808 "ab" }}{{ trunc 9223372036854775807 "c" }}"#, "abc"),
            (#"[{{ repeat 4000000000000000000 "" }}]"#, "[]"),
            (#"{{ len (date "15" 9223372036854775807) }}{{ len (date "15" -9223372036854775808) }}"#, "22"),
        ])
    func extremes(template: String, expected: String) throws {
        #expect(try render(template) == expected)
    }

    @Test("are not those of Prometheus")
    func unknown() {
        #expect { try render("{{ humanize 5 }}") } throws: {
            "\($0)" == #"template: line:1: function "humanize" not defined"#
        }
    }

    @Test(
        "say which fields a template looks at",
        arguments: [
            (#"{{ .a }} {{ if .b }}{{ .c | lower }}{{ end }}"#, ["a", "b", "c"]),
            (#"{{ $x := .a }}{{ $x }}{{ $.d }}"#, ["a", "d"]),
            (#"{{ . }}"#, nil), (#"{{ range $k, $v := . }}{{ $k }}{{ end }}"#, nil),
            (#"{{ with $ }}{{ .x }}{{ end }}"#, nil),
            ("plain", []),
        ] as [(String, [String]?)])
    func fields(text: String, names: [String]?) throws {
        let functions = LokiFunctions.functions(TemplateLine(clock: { 0 }))
        let template = try Template(name: "line", text: text, functions: functions)
        #expect(template.fieldNames == names.map { Set($0) })
    }
}
