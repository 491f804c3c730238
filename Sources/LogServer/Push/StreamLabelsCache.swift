import MartletCore
import Wire

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
