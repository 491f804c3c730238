import MartletCore
import Wire

/// The labels of a pushed stream, checked and completed; kept by the text that the client sent, so that a stream's labels
/// are parsed once.
struct StreamLabels: Sendable {
    /// With `service_name`.
    let labels: Labels
    /// The level that a label of the stream names.
    let level: LogLevel?

    /// Checks the limits on labels, adds `service_name`, which is all that a stream without labels has. Throws with Loki's
    /// words; `text` is how the client wrote the labels.
    init(
        _ parsed: Labels, text: @autoclosure () -> String, limits: LogLimits, detector: LevelDetector?
    ) throws(PushProblem) {
        guard !parsed.isEmpty || !limits.discoverServiceName.isEmpty else {
            throw PushProblem(.missingLabels, "error at least one label pair is required per stream")
        }
        let count = parsed.count - (parsed.withValue(of: "service_name") { _ in true } == nil ? 0 : 1)
        guard count <= limits.maxLabelNamesPerSeries else {
            throw PushProblem(
                .maxLabelNamesPerSeries,
                "entry for stream '\(text())' has \(count) label names; limit \(limits.maxLabelNamesPerSeries)")
        }
        var problem: PushProblem?
        var found: LogLevel?
        parsed.forEach { name, value in
            guard problem == nil else { return }
            if name.count > limits.maxLabelNameLength {
                problem = PushProblem(
                    .labelNameTooLong,
                    "stream '\(text())' has label name too long: '\(PushProblem.excerpt(name))'")
            } else if value.count > limits.maxLabelValueLength {
                problem = PushProblem(
                    .labelValueTooLong,
                    "stream '\(text())' has label value too long: '\(PushProblem.excerpt(value))'")
            } else if found == nil, detector?.isField(name) == true {
                found = LogLevel(value: value) ?? .unknown
            }
        }
        if let problem { throw problem }
        level = found
        labels = Self.withServiceName(parsed, limits.discoverServiceName)
    }

    static func withServiceName(_ labels: Labels, _ candidates: [String]) -> Labels {
        guard !candidates.isEmpty, labels.withValue(of: "service_name", { _ in true }) == nil else { return labels }
        var builder = LabelsBuilder(labels)
        let found = candidates.lazy.compactMap { labels[$0] }.first
        builder.set("service_name", found ?? "unknown_service")
        return builder.build()
    }
}
