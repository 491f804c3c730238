import MartletCore
import MetricStorage
import Scraping
import Service
import Testing

@Suite("retention_rules of prometheus.yml")
struct RetentionRuleConfigTests {
    private static func rules(_ yaml: String) throws -> [RetentionRule] {
        try PrometheusConfig(ConfigDocument(text: yaml, file: "prometheus.yml"), directory: "/etc").retentionRules
    }

    @Test("are read in their order")
    func order() throws {
        let rules = try Self.rules(
            """
            retention_rules:
            - {selector: 'up{job="x"}', keep: 2d}
            - {selector: '{__name__=~".+"}', keep: 1w}
            """)
        #expect(rules.map(\.keepMs) == [2 * 86_400_000, 7 * 86_400_000])
        #expect(rules.first?.matchers.map(\.description).sorted() == [#"__name__="up""#, #"job="x""#])
        #expect(try Self.rules("global: {}").isEmpty)
    }

    @Test(
        "a mistake is named with its place",
        arguments: [
            ("retention_rules: [{selector: 'up{', keep: 1d}]", "retention_rules[0].selector: "),
            ("retention_rules: [{selector: up}]", "needs the key \"keep\""),
            ("retention_rules: [{selector: up, keep: 0s}]", "retention_rules[0].keep must be greater than 0"),
            ("retention_rules: [{selector: up, keep: 1d, other: 1}]", "unknown key \"other\""),
        ])
    func mistakes(yaml: String, text: String) throws {
        let error = try #require(throws: ConfigError.self) { try Self.rules(yaml) }
        #expect(error.description.contains(text))
    }
}
