import MartletCore

/// Which rules of a group may run at the same time: a rule that reads what another writes keeps its place before or after
/// it.
enum RuleWaves {
    /// Indexes of the rules in waves that run one after the other.
    static func of(_ rules: [RuleDefinition]) -> [[Int]] {
        let neighbours = neighbours(rules)
        var waves: [[Int]] = []
        var wave = [Int](repeating: 0, count: rules.count)
        for index in rules.indices {
            for earlier in neighbours[index] where earlier < index {
                wave[index] = max(wave[index], wave[earlier] + 1)
            }
            while waves.count <= wave[index] { waves.append([]) }
            waves[wave[index]].append(index)
        }
        return waves
    }

    /// For each rule, those that it must not run beside.
    private static func neighbours(_ rules: [RuleDefinition]) -> [Set<Int>] {
        var writers: [String: [Int]] = [:]
        for (index, rule) in rules.enumerated() {
            for output in rule.outputs { writers[output, default: []].append(index) }
        }
        var neighbours = [Set<Int>](repeating: [], count: rules.count)
        func connect(_ a: Int, _ b: Int) {
            guard a != b else { return }
            neighbours[a].insert(b)
            neighbours[b].insert(a)
        }
        for (index, rule) in rules.enumerated() {
            for matchers in rule.expression.reads {
                for name in names(matchers, among: writers) {
                    for writer in writers[name] ?? [] { connect(index, writer) }
                }
            }
        }
        // Of several rules that record the same series the last one counts, as if they ran in order.
        for same in writers.values where rules[same[0]].kind == .recording {
            for (a, b) in zip(same, same.dropFirst()) { connect(a, b) }
        }
        return neighbours
    }

    /// Names of the written series that a selector with these matchers of names may see.
    private static func names(_ matchers: [Matcher], among writers: [String: [Int]]) -> [String] {
        if let exact = matchers.first(where: { $0.kind == .equal }), matchers.count == 1 {
            return writers[exact.value] == nil ? [] : [exact.value]
        }
        return writers.keys.filter { name in
            matchers.allSatisfy { matcher in Bytes.of(name) { matcher.matches($0) } }
        }
    }
}
