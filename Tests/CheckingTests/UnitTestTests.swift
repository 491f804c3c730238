import Checking
import Durable
import MartletCore
import PromQL
import Rules
import Service
import Testing

@Suite("Unit tests of rules")
struct UnitTestTests {
    private static let rules = """
        groups:
          - name: alerts
            rules:
              - alert: InstanceDown
                expr: up == 0
                for: 5m
                labels: {severity: page}
                annotations:
                  summary: "Instance {{ $labels.instance }} down in {{ $externalLabels.dc }} {{ externalURL }}"
              - alert: AlwaysFiring
                expr: 1
          - name: records
            rules:
              - record: job:test:count_over_time1m
                expr: sum without(instance) (count_over_time(test[1m]))
              - record: fixed_data
                expr: 1
        """

    /// Runs the tests over the rules above; what fails.
    private func failures(_ tests: String) async throws -> [String] {
        let directory = try TemporaryDirectory()
        try AtomicFile.publish(directory.path + "/rules.yml", Array(Self.rules.utf8))
        try AtomicFile.publish(directory.path + "/test.yml", Array(("rule_files: [rules.yml]\n" + tests).utf8))
        let file = try UnitTestFile(ConfigDocument(path: directory.path + "/test.yml"))
        var failures: [String] = []
        for test in file.groups { failures += await UnitTestRun.failures(file, test, options: Engine.Options()) }
        withExtendedLifetime(directory) {}
        return failures
    }

    @Test("alerts, recorded series and expressions that are as expected")
    func success() async throws {
        let found = try await failures(
            """
            evaluation_interval: 1m
            tests:
              - interval: 1m
                external_labels: {dc: x}
                external_url: http://e/p
                input_series:
                  - series: 'up{job="prometheus", instance="localhost:9090"}'
                    values: "0+0x1440"
                promql_expr_test:
                  - expr: count(ALERTS) by (alertname, alertstate)
                    eval_time: 4m
                    exp_samples:
                      - labels: '{alertname="AlwaysFiring",alertstate="firing"}'
                        value: 1
                      - labels: '{alertname="InstanceDown",alertstate="pending"}'
                        value: 1
                  - expr: count_over_time(fixed_data[1h])
                    eval_time: 1h
                    exp_samples: [{value: 60}]
                alert_rule_test:
                  - eval_time: 1d
                    alertname: InstanceDown
                    exp_alerts:
                      - exp_labels: {severity: page, instance: "localhost:9090", job: prometheus}
                        exp_annotations: {summary: "Instance localhost:9090 down in x http://e/p"}
                  - {eval_time: 0, alertname: InstanceDown, exp_alerts: []}
                  - {eval_time: 0, alertname: AlwaysFiring, exp_alerts: [{}]}
              - interval: 1s
                input_series: [{series: 'test{job="test", instance="x:0"}', values: "0+1x120"}]
                promql_expr_test:
                  - expr: job:test:count_over_time1m
                    eval_time: 1m
                    exp_samples: [{value: 60, labels: 'job:test:count_over_time1m{job="test"}'}]
                  - expr: timestamp(job:test:count_over_time1m)
                    eval_time: 2m59s999ms
                    exp_samples: [{value: 120, labels: '{job="test"}'}]
            """)
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test("values, gaps, staleness and native histograms of series")
    func series() async throws {
        let found = try await failures(
            """
            tests:
              - input_series:
                  - {series: stale, values: "0 stale"}
                  - {series: gap, values: "0 _x6 3"}
                  - {series: hist, values: "{{sum:3 count:2 buckets:[2]}}+{{sum:1.5 count:1 buckets:[1]}}x2"}
                promql_expr_test:
                  - {expr: stale, eval_time: 59s, exp_samples: [{value: 0, labels: stale}]}
                  - {expr: stale, eval_time: 1m, exp_samples: []}
                  - {expr: gap, eval_time: 5m, exp_samples: []}
                  - {expr: gap, eval_time: 7m, exp_samples: [{value: 3, labels: gap}]}
                  - expr: hist
                    eval_time: 2m
                    exp_samples:
                      - {labels: hist, histogram: "{{count:4 sum:6 counter_reset_hint:not_reset buckets:[4]}}"}
            """)
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test("times count from the start of the test")
    func start() async throws {
        let found = try await failures(
            """
            tests:
              - start_timestamp: "2024-01-01T00:00:00Z"
                input_series: [{series: m, values: "1+1x10"}]
                promql_expr_test:
                  - {expr: m, eval_time: 2m, exp_samples: [{labels: m, value: 3}]}
                  - {expr: time(), eval_time: 1m, exp_samples: [{value: 1704067260}]}
            """)
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test("what is not as expected is told in promtool's words")
    func failure() async throws {
        let found = try await failures(
            """
            tests:
              - name: n
                input_series: [{series: m, values: "1"}]
                promql_expr_test:
                  - {expr: m, eval_time: 0, exp_samples: [{labels: m, value: 2}]}
                  - {expr: "m(", eval_time: 1m, exp_samples: []}
                alert_rule_test:
                  - {eval_time: 0, alertname: AlwaysFiring, exp_alerts: []}
            """)
        #expect(found.count == 3)
        #expect(
            found.first
                == "    name: n,\n    alertname: AlwaysFiring, time: 0s, \n        exp:[], \n        got:[\n"
                + "            0:\n              Labels:{alertname=\"AlwaysFiring\"}\n              Annotations:{}\n            ]"
        )
        #expect(found.dropFirst().first == "    expr: \"m\", time: 0s,\n        exp: m 2E+00\n        got: m 1E+00")
        #expect(found.last?.hasPrefix("    expr: \"m(\", time: 1m, err: 1:") == true, "\(found)")
    }

    @Test("a rule that fails ends its test")
    func rule() async throws {
        let directory = try TemporaryDirectory()
        let rules = "groups: [{name: g, rules: [{record: r, expr: m, labels: {i: x}}]}]"
        let tests = """
            rule_files: [r.yml]
            tests:
              - input_series: [{series: 'm{i="1"}', values: "1"}, {series: 'm{i="2"}', values: "1"}]
                promql_expr_test: [{expr: m, eval_time: 0, exp_samples: []}]
            """
        try AtomicFile.publish(directory.path + "/r.yml", Array(rules.utf8))
        let file = try UnitTestFile(ConfigDocument(text: tests, file: directory.path + "/t.yml"))
        let found = await UnitTestRun.failures(file, file.groups[0], options: Engine.Options())
        #expect(
            found == [
                "    rule: r, time: 0s, err: vector contains metrics with the same labelset after applying rule labels"
            ])
        withExtendedLifetime(directory) {}
    }

    @Test("duplicates are remarks, mistakes are errors")
    func check() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/r.yml"
        let rule = "{record: r, expr: m, labels: {a: b}}"
        try AtomicFile.publish(path, Array("groups: [{name: g, rules: [\(rule), \(rule)]}]".utf8))
        let check = RuleCheck(path, language: PromQLRules(), lintsDuplicates: true)
        #expect(check.rules == 2)
        #expect(check.errors.isEmpty)
        #expect(
            check.remarks == [
                "lint error 1 duplicate rule(s) found.\nMetric: r\nLabel(s):\n\ta: b\n"
                    + "Might cause inconsistency while recording expressions"
            ])
        #expect(RuleCheck(path, language: PromQLRules(), lintsDuplicates: false).remarks.isEmpty)
        #expect(!RuleCheck(path + "x", language: PromQLRules(), lintsDuplicates: true).errors.isEmpty)
        withExtendedLifetime(directory) {}
    }

    @Test("a configuration names rule files that must be there")
    func config() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/p.yml"
        try AtomicFile.publish(path, Array("rule_files: [gone.yml]".utf8))
        #expect(ConfigCheck(path, syntaxOnly: true).error == nil)
        #expect(ConfigCheck(path, syntaxOnly: false).error?.contains("does not point to an existing file") == true)
        try AtomicFile.publish(path, Array("rule_files: ['*.rules']".utf8))
        #expect(ConfigCheck(path, syntaxOnly: false).error == nil)
        try AtomicFile.publish(path, Array("rule_file: []".utf8))
        #expect(ConfigCheck(path, syntaxOnly: false).error?.contains("unknown key") == true)
        withExtendedLifetime(directory) {}
    }
}
