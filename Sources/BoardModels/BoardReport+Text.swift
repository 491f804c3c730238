extension BoardReport {
    /// For people: what the dashboard is made of, a line for each kind, and what of it is not supported.
    package var lines: [String] {
        let count = "\(panelCount) panel\(panelCount == 1 ? "" : "s")"
        var lines = ["\(title.isEmpty ? "(no title)" : title): \(count), schema version \(schemaVersion)"]
        let kinds: [(BoardFeature, String)] = [
            (.panel, "panels"), (.transformation, "transformations"), (.unit, "units"), (.variable, "variables"),
            (.datasource, "data sources"),
        ]
        for (kind, words) in kinds {
            guard let counts = uses[kind], !counts.isEmpty else { continue }
            let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let texts = sorted.map { "\($0.key) \($0.value)" + (isPlainUnit(kind, $0.key) ? " (as it is)" : "") }
            lines.append("  \(words): " + texts.joined(separator: ", "))
        }
        for problem in problems {
            let places = problem.places.isEmpty ? "" : ". In " + problem.places.joined(separator: "; ")
            lines.append(
                "  not supported: \(problem.kind.words) \(problem.name) (\(problem.count)): \(problem.message)\(places)"
            )
        }
        return lines
    }

    /// True for a text that is no id of a unit and stands behind the number, as in Grafana.
    private func isPlainUnit(_ kind: BoardFeature, _ name: String) -> Bool {
        kind == .unit && !features.knows(unit: name)
    }
}
