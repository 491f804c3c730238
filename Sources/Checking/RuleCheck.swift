import MartletCore
package import Rules

/// What `check rules` says of a rule file.
package struct RuleCheck: Sendable {
    /// Number of rules; nil when the file is wrong.
    package private(set) var rules: Int?
    /// What is wrong, one text for each mistake.
    package private(set) var errors: [String] = []
    /// What is allowed and hardly meant.
    package private(set) var remarks: [String] = []

    /// Reads a file and checks it. `lintsDuplicates` looks for rules with the same name and labels.
    package init(_ path: String, language: any RuleLanguage, lintsDuplicates: Bool) {
        do throws(RuleFileError) {
            let file = try RuleFile(path: path, language: language)
            let all = file.groups.flatMap(\.rules)
            rules = all.count
            if lintsDuplicates { remarks = Self.duplicates(all) }
        } catch {
            errors = error.messages
        }
    }

    private static func duplicates(_ rules: [RuleDefinition]) -> [String] {
        var counts: [[String]: Int] = [:]
        for rule in rules { counts[key(rule), default: 0] += 1 }
        let found = counts.filter { $0.value > 1 }.keys.sorted { $0.lexicographicallyPrecedes($1) }
        guard !found.isEmpty else { return [] }
        let entries = found.map { key in
            "Metric: \(key[0])\nLabel(s):\n" + key.dropFirst().map { "\t\($0)\n" }.joined()
        }
        return [
            "lint error \(found.count) duplicate rule(s) found.\n" + entries.joined()
                + "Might cause inconsistency while recording expressions"
        ]
    }

    private static func key(_ rule: RuleDefinition) -> [String] {
        [rule.name] + rule.labels.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    }
}
