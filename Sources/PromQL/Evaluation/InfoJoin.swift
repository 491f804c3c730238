import MartletCore
import SampleMath

/// Which info series `info` takes its labels from, and which labels.
struct InfoSelector {
    /// Of the info series' names.
    let nameMatchers: [Matcher]
    /// Of the labels that are wanted, by name; all labels are when there are none.
    let labelMatchers: [String: [Matcher]]

    init(matchers: [Matcher]) {
        let names = matchers.filter { $0.name == Labels.metricName }
        if names.contains(where: { $0.kind == .equal || $0.kind == .regex }) {
            nameMatchers = names
        } else if !names.isEmpty, let anyInfo = try? Matcher(.regex, Labels.metricName, ".+_info") {
            nameMatchers = [anyInfo] + names
        } else {
            nameMatchers = [Matcher(equal: Labels.metricName, "target_info")]
        }
        labelMatchers = Dictionary(grouping: matchers.filter { $0.name != Labels.metricName }, by: \.name)
    }

    /// True for info series, which are not described themselves.
    func isInfo(_ labels: Labels) -> Bool { nameMatchers.allSatisfy { $0.matches(labels) } }

    /// True when a series stays that no info series describes.
    var allowsNothing: Bool { labelMatchers.values.allSatisfy { $0.allSatisfy(\.matchesEmpty) } }

    func wants(_ label: String) -> Bool { labelMatchers.isEmpty || labelMatchers[label] != nil }
}

/// Joins series with the info series that have the same `instance` and `job`.
struct InfoJoin {
    private struct Info {
        let labels: Labels
        /// Times of its samples in seconds, by step.
        let times: [Double]
    }

    private static let identifying = ["instance", "job"]

    private let selector: InfoSelector
    private let base: StepVector
    private var infos: [Info] = []
    /// By name, instance and job; then the numbers of the info series.
    private var infosByIdentity: [Labels: [Int]] = [:]
    /// Names of info metrics, in order.
    private var names: [String] = []
    private let identity = LabelSubset(keeping: InfoJoin.identifying + [Labels.metricName])

    init(selector: InfoSelector, base: StepVector) {
        self.selector = selector
        self.base = base
    }

    /// What to select the info series with; nil when none can match.
    var matchers: [Matcher]? {
        var values: [String: Set<String>] = [:]
        for row in 0..<base.count where !selector.isInfo(base.labels[row]) {
            for label in InfoJoin.identifying {
                if let value = base.labels[row][label] { values[label, default: []].insert(value) }
            }
        }
        guard !values.isEmpty else { return nil }
        var matchers = selector.nameMatchers + selector.labelMatchers.values.joined()
        for (label, values) in values {
            let pattern = values.sorted().map(InfoJoin.quoted).joined(separator: "|")
            if let matcher = try? Matcher(.regex, label, pattern) { matchers.append(matcher) }
        }
        return matchers
    }

    /// Takes an info series in.
    mutating func add(_ labels: Labels, _ times: [Double]) {
        infosByIdentity[identity.labels(of: labels), default: []].append(infos.count)
        infos.append(Info(labels: labels, times: times))
        let name = Evaluator.name(labels)
        if !names.contains(name) { names.append(name) }
    }

    /// The series with the labels that describe them. What describes a series may change from step to step.
    func joined(_ context: QueryContext) throws(QueryError) -> StepVector {
        try checkConflicts()
        var result = StepVector(steps: base.steps)
        for row in 0..<base.count {
            try context.check()
            if selector.isInfo(base.labels[row]) {
                try context.hold(samples: base.steps, bytes: base.steps * 8 + StepVector.rowBytes)
                result.append(base.labels[row], dropsName: base.dropsName[row], base.column(row))
                continue
            }
            let candidates = candidates(base.labels[row])
            var columns: [[Int]: StepColumn] = [:]
            var order: [[Int]] = []
            for step in 0..<base.steps where base.isPresent(row, step) {
                let found = candidates.compactMap { newest($0, step) }
                if found.isEmpty, !selector.allowsNothing { continue }
                if columns[found] == nil {
                    try context.hold(samples: base.steps)
                    columns[found] = StepColumn(missing: base.steps)
                    order.append(found)
                }
                if let histogram = base.histogram(row, step) {
                    columns[found]?.set(step, histogram)
                } else {
                    columns[found]?.values[step] = base.value(row, step)
                }
            }
            for found in order {
                guard let column = columns[found] else { continue }
                result.append(try labels(row, found), dropsName: base.dropsName[row], column)
            }
        }
        try result.mergeDuplicates(context)
        return result
    }

    /// The info series that may describe a series, by info metric.
    private func candidates(_ labels: Labels) -> [[Int]] {
        var builder = LabelsBuilder(LabelSubset(keeping: InfoJoin.identifying).labels(of: labels))
        return names.compactMap { name in
            builder.set(Labels.metricName, name)
            return infosByIdentity[builder.build()]
        }
    }

    /// Of several info series the one whose sample is the newest.
    private func newest(_ candidates: [Int], _ step: Int) -> Int? {
        candidates.filter { !Missing.isMissing(infos[$0].times[step]) }
            .max { infos[$0].times[step] < infos[$1].times[step] }
    }

    /// Two info series with one identity must not have samples of the same time.
    private func checkConflicts() throws(QueryError) {
        for numbers in infosByIdentity.values where numbers.count > 1 {
            for step in 0..<base.steps where (0..<base.count).contains(where: { base.isPresent($0, step) }) {
                var best: Int?
                for number in numbers where !Missing.isMissing(infos[number].times[step]) {
                    let time = infos[number].times[step]
                    if let known = best, infos[known].times[step] == time {
                        let milliseconds = Int64((time * 1000).rounded())
                        throw QueryError(
                            .execution,
                            "found duplicate series for info metric: existing \(infos[known].labels) @ \(milliseconds)"
                                + ", new \(infos[number].labels) @ \(milliseconds)")
                    }
                    if best.map({ infos[$0].times[step] < time }) ?? true { best = number }
                }
            }
        }
    }

    private func labels(_ row: Int, _ found: [Int]) throws(QueryError) -> Labels {
        var added = LabelsBuilder()
        for number in found {
            for (name, value) in infos[number].labels.pairs where name != Labels.metricName && selector.wants(name) {
                if let known = added[name], known != value {
                    throw QueryError(.execution, "conflicting label: \(name)")
                }
                if base.labels[row][name] == nil { added.set(name, value) }
            }
        }
        var builder = LabelsBuilder(base.labels[row])
        for (name, value) in added.build().pairs { builder.set(name, value) }
        return builder.build()
    }

    /// Text as a regular expression that matches it alone.
    private static func quoted(_ text: String) -> String {
        var quoted = ""
        for scalar in text.unicodeScalars {
            if "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted
    }
}
