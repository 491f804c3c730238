import Templates
import Testing

@Suite("The functions of Prometheus' templates")
struct PrometheusFunctionsTests {
    private static let samples = [
        TemplateSample(labels: [(key: "instance", value: "b"), (key: "__value__", value: "s")], value: .float(21)),
        TemplateSample(labels: [(key: "instance", value: "a")], value: .float(11)),
    ]

    private func expand(_ text: String, value: Double = 0) -> String {
        let context = PrometheusFunctions.Context(
            timeMs: 1_435_065_584_128, externalURL: ExternalURL("http://testhost:9090/path/prefix/")
        ) { query in
            if query == "bad" { throw TemplateFunctionError("1:1: parse error: bad") }
            return query == "none" ? [] : Self.samples
        }
        do {
            let template = try AlertTemplate(alert: "test", text: text)
            let data = AlertTemplate.Data(
                labels: [(key: "instance", value: "i")], value: .float(value),
                externalLabels: TemplateMap([(key: "dc", value: "x")]), externalURL: context.externalURL)
            return template.expand(data, PrometheusFunctions.functions(context)).text
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "give what Prometheus gives",
        arguments: [
            (
                "{{ $labels.instance }} {{ $value }} {{ $externalLabels.dc }} {{ $externalURL }}",
                "i 0 x http://testhost:9090/path/prefix"
            ),
            ("{{ query \"1.5\" | first | value }}", "21"),
            ("{{ query \"metric\" | first | label \"instance\" }}", "b"),
            ("{{ query \"metric\" | first | strvalue }}", "s"),
            ("{{ range query \"m\" | sortByLabel \"instance\" }}{{.Labels.instance}}:{{.Value}}:{{end}}", "a:11:b:21:"),
            ("{{ range query \"m\" }}{{ . | value | printf \"%.1f\" }} {{end}}", "21.0 11.0 "),
            ("{{ (query \"m\" | first).Labels.instance }}", "b"),
            ("{{ range query \"none\" }}x{{else}}empty{{end}}", "empty"),
            ("{{ reReplaceAll \"a(.)\" \"<$1>\" \"abac\" }}", "<b><c>"),
            ("{{ match \"a+\" \"aa\" }} {{ match \"a+\" \"b\" }}", "true false"),
            ("{{ \"foo bar-baz\" | title }} {{ \"aB\" | toUpper }} {{ \"aB\" | toLower }}", "Foo Bar-Baz AB ab"),
            ("{{ \"<b>\" | safeHtml }} {{ urlQueryEscape \"a b/c\" }}", "<b> a+b%2Fc"),
            ("{{ graphLink \"up{a=\\\"b\\\"}\" }}", "/graph?g0.expr=up%7Ba%3D%22b%22%7D&g0.tab=0"),
            ("{{ tableLink \"up\" }}", "/graph?g0.expr=up&g0.tab=1"),
            (
                "{{ stripPort \"foo.bar:123\" }} {{ stripPort \"[::1]:12\" }} {{ stripPort \"foo\" }} {{ stripPort \"::1\" }}",
                "foo.bar ::1 foo ::1"
            ),
            (
                "{{ stripDomain \"foo.example.com:8080\" }} {{ stripDomain \"127.0.0.1:80\" }} {{ stripDomain \"foo\" }}",
                "foo:8080 127.0.0.1:80 foo"
            ),
            ("{{ with args 1 \"b\" }}{{ .arg0 }}{{ .arg1 }}{{ end }}", "1b"),
            ("{{ pathPrefix }} {{ externalURL }}", "/path/prefix http://testhost:9090/path/prefix"),
            ("{{ parseDuration \"1h2m10ms\" }} {{ parseDuration \"-1m\" }}", "3720.01 -60"),
            ("{{ now }}", "1.435065584128e+09"),
            ("{{ 1435065584.128 | toTime }}", "2015-06-23 13:19:44.128 +0000 UTC"),
            ("{{ (1435065584.128 | toTime).Format \"Mon Jan _2 15:04:05 2006\" }}", "Tue Jun 23 13:19:44 2015"),
            ("{{ toDuration 3661.5 }} {{ (toDuration 90).Minutes }}", "1h1m1.5s 1.5"),
        ])
    func values(_ text: String, _ expected: String) {
        #expect(expand(text) == expected)
    }

    @Test(
        "humanize",
        arguments: [
            (0.0, "0|0|0s|0%"), (1, "1|1|1s|100%"), (1_234_567, "1.235M|1.177Mi|14d 6h 56m 7s|1.235e+08%"),
            (0.12, "120m|0.12|120ms|12%"), (0.00001, "10u|1e-05|10us|0.001%"),
            (-3661, "-3.661k|-3.575ki|-1h 1m 1s|-3.661e+05%"),
            (.infinity, "+Inf|+Inf|+Inf|+Inf%"), (.nan, "NaN|NaN|NaN|NaN%"), (61, "61|61|1m 1s|6100%"),
            (899.99, "900|900|14m 59s|9e+04%"),
        ])
    func humanize(_ value: Double, _ expected: String) {
        let text =
            "{{ humanize $value }}|{{ humanize1024 $value }}|{{ humanizeDuration $value }}|{{ humanizePercentage $value }}"
        #expect(expand(text, value: value) == expected)
    }

    @Test("humanizeTimestamp")
    func timestamp() {
        #expect(
            expand("{{ humanizeTimestamp $value }}", value: 1_435_065_584.128) == "2015-06-23 13:19:44.128 +0000 UTC")
        #expect(expand("{{ humanizeTimestamp $value }}", value: .infinity) == "+Inf")
    }

    @Test("failures stand in the text")
    func failures() {
        #expect(
            expand("{{ query \"none\" | first }}")
                == "<error expanding template: error executing template __alert_test: template: __alert_test:1:\(Self.column + 18): executing \"__alert_test\" at <first>: error calling first: first() called on vector with no elements>"
        )
        #expect(expand("{{ query \"bad\" }}").contains("error calling query: 1:1: parse error: bad"))
        #expect(
            expand("{{ reReplaceAll \"[\" \"\" \"\" }}").contains(
                "regexp: Compile(`[`): error parsing regexp: missing closing ]: `[`"))
        #expect(expand("{{ humanize \"x\" }}").contains("strconv.ParseFloat: parsing \"x\": invalid syntax"))
        #expect(expand("{{ nope }}") == "template: __alert_test:1: function \"nope\" not defined")
        #expect(expand("{{ $labels.instance") == "template: __alert_test:1: unclosed action")
    }

    /// Where a text begins behind the variables.
    private static let column =
        "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"
        .utf8.count
}
