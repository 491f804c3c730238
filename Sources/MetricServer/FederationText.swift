import MartletCore

/// Writes samples for another server to scrape: untyped, grouped by name, with external labels and `instance` filled in.
enum FederationText {
    static func write(
        _ samples: [Labels: (time: Int64, value: Double)], external: [(key: String, value: String)]
    ) -> [UInt8] {
        var out: [UInt8] = []
        var family = ""
        for (labels, sample) in samples.sorted(by: { $0.key < $1.key }) {
            let name = labels[Labels.metricName] ?? ""
            guard !name.isEmpty else { continue }
            if name != family {
                family = name
                out += "# TYPE \(LabelName.isLegacyMetricName(name.utf8) ? name : GoQuote.quote(name)) untyped\n".utf8
            }
            out += "\(completed(labels, external)) ".utf8
            FloatText.append(sample.value, to: &out)
            out += " \(sample.time)\n".utf8
        }
        return out
    }

    private static func completed(_ labels: Labels, _ external: [(key: String, value: String)]) -> String {
        var builder = LabelsBuilder(labels)
        for (key, value) in external where builder[key] == nil { builder.set(key, value) }
        let text = builder.build().description.replacing("\", ", with: "\",")
        // An empty instance keeps the scraping server from adding its own.
        guard builder["instance"] == nil else { return text }
        if text.hasSuffix("}") { return text.dropLast() + ",instance=\"\"}" }
        return text + "{instance=\"\"}"
    }
}
