import MartletCore
import Wire

/// Parsed labels by the hash of their text, for all pushes at once; emptied when it has grown large. Labels are parsed
/// outside the lock, so that pushes do not wait for each other.
final class StreamLabelsCache: Sendable {
    private struct Item {
        var text: [UInt8]
        var labels: StreamLabels
    }

    private struct State {
        var items: [UInt64: Item] = [:]
        var bytes = 0
    }

    /// Bytes of texts and labels that are kept.
    private static let maxBytes = 16 << 20
    /// What an item costs besides, about.
    private static let itemBytes = 256

    private let limits: LogLimits
    private let detector: LevelDetector?
    private let state = Lock(State())

    init(limits: LogLimits, detector: LevelDetector?) {
        self.limits = limits
        self.detector = detector
    }

    /// The labels that `text` stands for.
    func labels(_ text: UnsafeRawBufferPointer) throws(PushProblem) -> StreamLabels {
        let hash = Hash64.hash(text)
        let known = state.withLock { state -> StreamLabels? in
            guard let item = state.items[hash], item.text.withUnsafeBytes({ Bytes.equal($0, text) }) else { return nil }
            return item.labels
        }
        if let known { return known }
        let parsed: Labels
        do throws(WireError) {
            // No text is as good as `{}`.
            parsed = text.isEmpty ? Labels() : try LabelText.parse(text)
        } catch {
            throw PushProblem(
                .invalidLabels, "error parsing labels '\(PushProblem.excerpt(text))' with error: \(error)")
        }
        let labels = try StreamLabels(
            parsed, text: PushProblem.excerpt(text), limits: limits, detector: detector)
        let size = text.count + labels.labels.bytes.count + Self.itemBytes
        // One label set must not drive out all others.
        guard size <= Self.maxBytes / 64 else { return labels }
        state.withLock { state in
            if state.bytes + size > Self.maxBytes { state = State() }
            state.items[hash] = Item(text: Array(text), labels: labels)
            state.bytes += size
        }
        return labels
    }
}
