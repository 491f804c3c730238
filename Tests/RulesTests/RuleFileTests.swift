import PromQL
import Rules
import Service
import Testing

@Suite("Rule files")
struct RuleFileTests {
    private func read(_ text: String) throws -> [RuleGroupDefinition] {
        try RuleFile(ConfigDocument(text: text, file: "r.yml"), options: Parser.Options()).groups
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch let error as RuleFileError {
            return error.messages
        } catch {
            return ["\(error)"]
        }
    }

    @Test("all keys are read, group labels are the rules' own")
    func keys() throws {
        let group = try #require(
            try read(
                """
                groups:
                  - name: g
                    interval: 30s
                    query_offset: 1m
                    limit: 5
                    labels: {team: a, tier: x}
                    rules:
                      - record: job:up:sum
                        expr: sum by (job) (up)
                        labels: {tier: y}
                      - alert: Down
                        expr: up == 0
                        for: 5m
                        keep_firing_for: 2m
                        labels: {severity: page}
                        annotations: {summary: "{{ $labels.instance }} is down"}
                """
            ).first)
        #expect(group.intervalMs == 30_000)
        #expect(group.queryOffsetMs == 60_000)
        #expect(group.limit == 5)
        #expect(group.rules[0].kind == .recording)
        #expect(group.rules[0].labels == ["team": "a", "tier": "y"])
        #expect("\(group.rules[0].expression)" == "sum by (job) (up)")
        #expect(group.rules[1].kind == .alerting)
        #expect(group.rules[1].holdMs == 300_000)
        #expect(group.rules[1].keepFiringMs == 120_000)
        #expect(group.rules[1].labels == ["team": "a", "tier": "x", "severity": "page"])
        #expect(group.rules[1].annotations == ["summary": "{{ $labels.instance }} is down"])
    }

    @Test("an empty file has no groups")
    func empty() throws {
        #expect(try read("").isEmpty)
        #expect(try read("groups: []").isEmpty)
    }

    @Test(
        "mistakes are told in Prometheus' words, with their place",
        arguments: [
            ("expr: ''\n        record: a", "r.yml: 5:9: group \"g\", rule 1, \"a\": field 'expr' must be set in rule"),
            (
                "record: a\n        expr: sum(",
                "r.yml: 6:15: group \"g\", rule 1, \"a\": could not parse expression: 1:"
            ),
            ("expr: up", "r.yml: 5:9: group \"g\", rule 1, \"\": one of 'record' or 'alert' must be set"),
            (
                "record: a\n        alert: b\n        expr: up",
                "r.yml: 5:9: group \"g\", rule 1, \"b\": only one of 'record' and 'alert' must be set"
            ),
            (
                "record: a\n        expr: up\n        for: 1m",
                "r.yml: 5:17: group \"g\", rule 1, \"a\": invalid field 'for' in recording rule"
            ),
            (
                "record: a\n        expr: up\n        annotations: {a: b}",
                "r.yml: 5:17: group \"g\", rule 1, \"a\": invalid field 'annotations' in recording rule"
            ),
            (
                "record: 'a{}'\n        expr: up",
                "r.yml: 5:17: group \"g\", rule 1, \"a{}\": braces present in the recording rule name; should it be in expr?: a{}"
            ),
            (
                "record: a\n        expr: up\n        labels: {__name__: b}",
                "r.yml: group \"g\", rule 1, \"a\": invalid label name: __name__"
            ),
            (
                "alert: a\n        expr: up\n        labels: {b: '{{ $x }}'}",
                "r.yml: group \"g\", rule 1, \"a\": label \"b\": template: __alert_a:1: undefined variable \"$x\""
            ),
            (
                "alert: a\n        expr: up\n        annotations: {b: '{{ nope }}'}",
                "r.yml: group \"g\", rule 1, \"a\": annotation \"b\": template: __alert_a:1: function \"nope\" not defined"
            ),
        ])
    func mistakes(_ rule: String, _ expected: String) {
        let text = "groups:\n  - name: g\n    interval: 1m\n    rules:\n      - \(rule)\n"
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(expected) == true, "\(found)")
    }

    @Test("all mistakes are told at once")
    func several() {
        let found = problems(
            """
            groups:
              - name: g
                rules: [{record: a, expr: "("}, {record: b, expr: ")"}]
              - name: g
              - rules: []
            """)
        #expect(found.count == 4, "\(found)")
        #expect(found[2] == "r.yml: 4:5: groupname: \"g\" is repeated in the same file")
        #expect(found[3] == "r.yml: 5:5: Groupname must not be empty")
    }

    @Test(
        "keys that nobody knows and wrong types are refused",
        arguments: [
            ("groups: [{name: a, rulez: []}]", "unknown key \"rulez\""), ("group: []", "unknown key \"group\""),
            ("groups: [{name: a, interval: x}]", "not a valid duration string"),
            ("groups: [{name: a, rules: [{record: a, expr: up, fore: 1m}]}]", "unknown key \"fore\""),
            ("groups: [{name: a, rules: [{record: a, expr: [up]}]}]", "must be a string"),
            ("groups: [{name: a, limit: x}]", "must be a whole number"),
            ("groups:\n- name: a\n  name: b\n", "given twice"),
        ])
    func strict(_ text: String, _ expected: String) {
        #expect(problems(text).first?.contains(expected) == true, "\(problems(text))")
    }
}
