import Checking
import Durable
import LogRules
import Testing

@Suite("Checks of rules in LogQL")
struct LogRuleCheckTests {
    private func errors(_ expression: String) throws -> [String] {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/r.yml"
        let text = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: '\(expression)'\n"
        try AtomicFile.publish(path, Array(text.utf8))
        let check = RuleCheck(path, language: LogQLRules(), lintsDuplicates: true)
        withExtendedLifetime(directory) {}
        return check.errors
    }

    @Test("a metric query is right")
    func right() throws {
        #expect(try errors("sum by (app) (rate({app=\"x\"} |= \"error\" [5m])) > 1") == [])
    }

    @Test("a query in another language is wrong, at its place")
    func wrong() throws {
        let found = try errors("sum(rate(up[5m]))")
        #expect(found.count == 1)
        #expect(found.first?.contains("r.yml: 5:11: group \"g\", rule 1, \"A\": could not parse expression: ") == true)
    }
}
