import MartletCore
import Wire

/// The labels of a pushed stream, checked and completed; kept by the text that the client sent, so that a stream's labels
/// are parsed once.
struct StreamLabels: Sendable {
    /// With `service_name`.
    let labels: Labels
    /// The level that a label of the stream names.
    let level: LogLevel?

    /// Checks the limits on labels, adds `service_name`. Throws with Loki's words.
    init(_ parsed: Labels, text: String, limits: LogLimits, detector: LevelDetector?) throws(PushProblem) {
        guard !parsed.isEmpty else {
            throw PushProblem(.missingLabels, "error at least one label pair is required per stream")
        }
        let count = parsed.count - (parsed.withValue(of: "service_name") { _ in true } == nil ? 0 : 1)
        guard count <= limits.maxLabelNamesPerSeries else {
            throw PushProblem(
                .maxLabelNamesPerSeries,
                "entry for stream '\(text)' has \(count) label names; limit \(limits.maxLabelNamesPerSeries)")
        }
        var problem: PushProblem?
        var found: LogLevel?
        parsed.forEach { name, value in
            if name.count > limits.maxLabelNameLength {
                problem = PushProblem(
                    .labelNameTooLong,
                    "stream '\(text)' has label name too long: '\(String(decoding: name, as: UTF8.self))'")
            } else if value.count > limits.maxLabelValueLength {
                problem = PushProblem(
                    .labelValueTooLong,
                    "stream '\(text)' has label value too long: '\(String(decoding: value, as: UTF8.self))'")
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

/// Parsed labels by the hash of their text; emptied when it has grown large.
struct StreamLabelsCache {
    private struct Item {
        var text: [UInt8]
        var labels: StreamLabels
    }

    private static let maxCount = 20_000
    private var items: [UInt64: Item] = [:]

    /// The labels that `text` stands for.
    mutating func labels(
        _ text: UnsafeRawBufferPointer, limits: LogLimits, detector: LevelDetector?
    ) throws(PushProblem) -> StreamLabels {
        let hash = Hash64.hash(text)
        if let item = items[hash], item.text.withUnsafeBytes({ Bytes.equal($0, text) }) { return item.labels }
        let spelled = String(decoding: text, as: UTF8.self)
        let parsed: Labels
        do throws(WireError) {
            parsed = try LabelText.parse(text)
        } catch {
            throw PushProblem(.invalidLabels, "error parsing labels '\(spelled)' with error: \(error)")
        }
        let labels = try StreamLabels(parsed, text: spelled, limits: limits, detector: detector)
        if items.count >= Self.maxCount { items.removeAll() }
        items[hash] = Item(text: Array(text), labels: labels)
        return labels
    }
}
