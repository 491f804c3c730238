import MartletCore
import Service
import Testing

@Suite("Relabelling")
struct RelabelRuleTests {
    static func rules(_ yaml: String) throws -> [RelabelRule] {
        try ConfigDocument(text: yaml, file: "test.yml").root.list().map { try RelabelRule($0) }
    }

    static let base = Labels([("a", "foo"), ("b", "bar"), ("c", "baz"), ("__meta_x_y", "z")])

    @Test(
        "each action does what Prometheus documents",
        arguments: [
            ("[{source_labels: [a], regex: 'f(.*)', target_label: d, replacement: 'ch${1}-ch${1}'}]", "d", "choo-choo"),
            (
                "[{source_labels: [a, b], regex: 'f(.*);(.*)r', target_label: a, replacement: 'b${1}${2}m'}]", "a",
                "boobam"
            ),
            ("[{source_labels: [a], target_label: d}]", "d", "foo"),
            ("[{source_labels: [a, b], separator: '-', target_label: d}]", "d", "foo-bar"),
            ("[{regex: nothing, source_labels: [a], target_label: a, replacement: x}]", "a", "foo"),
            ("[{target_label: d, replacement: static}]", "d", "static"),
            ("[{source_labels: [a], target_label: '${1}_new', replacement: v}]", "foo_new", "v"),
            ("[{source_labels: [c], target_label: d, action: hashmod, modulus: 1000}]", "d", "976"),
            ("[{action: labelmap, regex: '__meta_(.*)'}]", "x_y", "z"),
            ("[{source_labels: [a], target_label: a, action: UPPERCASE}]", "a", "FOO"),
            ("[{source_labels: [a], target_label: a, replacement: ''}]", "a", nil),
            ("[{action: labeldrop, regex: 'a|b'}]", "a", nil),
            ("[{action: labelkeep, regex: 'a|b'}]", "c", nil),
        ] as [(String, String, String?)])
    func actions(yaml: String, name: String, expected: String?) throws {
        let result = try #require(RelabelRule.apply(try Self.rules(yaml), to: Self.base))
        #expect(result[name] == expected)
    }

    @Test(
        "keep and drop decide about the whole label set",
        arguments: [
            ("[{source_labels: [a], regex: 'fo+', action: keep}]", true),
            ("[{source_labels: [a], regex: 'fo', action: keep}]", false),
            ("[{source_labels: [a], regex: 'fo+', action: drop}]", false),
            ("[{source_labels: [missing], regex: '.+', action: drop}]", true),
            ("[{source_labels: [a], target_label: b, action: keepequal}]", false),
            ("[{source_labels: [a], target_label: b, action: dropequal}]", true),
        ])
    func verdicts(yaml: String, kept: Bool) throws {
        #expect((RelabelRule.apply(try Self.rules(yaml), to: Self.base) != nil) == kept)
    }

    @Test(
        "a mistake is an error with its place",
        arguments: [
            ("[{action: replace}]", "requires \"target_label\""),
            ("[{action: what}]", "unknown relabel action \"what\""),
            ("[{regex: '('}]", "test.yml:1:"), ("[{action: hashmod, target_label: x}]", "modulus"),
            ("[{sourcelabels: [a], target_label: x}]", "unknown key \"sourcelabels\""),
            ("[{action: labeldrop, source_labels: [a]}]", "only"),
        ])
    func mistakes(yaml: String, text: String) throws {
        let error = #expect(throws: ConfigError.self) { try Self.rules(yaml) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }
}
