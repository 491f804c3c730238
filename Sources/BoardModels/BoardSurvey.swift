/// What many dashboards have that is not supported.
package struct BoardSurvey: Sendable, Hashable {
    package let reports: [BoardReport]

    package init(_ reports: [BoardReport]) { self.reports = reports }

    private struct Finding: Hashable {
        let kind: BoardFeature
        let name: String
        let message: String
    }

    /// A line for each thing that is not supported, the most frequent first, with its first places.
    package var lines: [String] {
        var found: [Finding: (count: Int, places: [String])] = [:]
        for report in reports {
            for problem in report.problems {
                let finding = Finding(kind: problem.kind, name: problem.name, message: problem.message)
                found[finding, default: (0, [])].count += problem.count
                let places = problem.places.isEmpty ? [report.title] : problem.places.map { "\(report.title) / \($0)" }
                found[finding, default: (0, [])].places += places
            }
        }
        return found.sorted { ($1.value.count, $0.key.name) < ($0.value.count, $1.key.name) }.map { finding, all in
            let shown = all.places.prefix(3).joined(separator: "; ")
            let more = all.places.count > 3 ? " and \(all.places.count - 3) more" : ""
            return "\(finding.kind.words) \(finding.name) (\(all.count)): \(finding.message). In \(shown)\(more)"
        }
    }
}
