import MartletCore
import MetricStorage

/// What became of a pushed request: how much was taken, and why the rest was not.
struct WriteOutcome: Sendable {
    private static let exampleLimit = 3
    /// Unicode scalars of an example; a label may be longer than an answer should be.
    private static let exampleLength = 256

    /// Samples that the store took, in all.
    var appended = 0
    /// Samples that the sender must not send again.
    var rejected = 0
    /// Samples that may be sent again later.
    var refusedForMemory = 0
    /// What was taken of each kind, as senders of remote write 2.0 are told.
    var written = Written()
    private var reasons: [String: Int] = [:]
    private var examples: [String] = []

    /// What was taken of a request.
    struct Written: Sendable, Equatable {
        /// Floats.
        var samples = 0
        /// Native histograms.
        var histograms = 0
        var exemplars = 0
    }

    /// Whether everything was taken.
    var isComplete: Bool { reasons.isEmpty }

    /// Counts samples that were refused, naming the first few. There are reasons that cost no sample.
    mutating func refuse(_ count: Int, _ reason: String, _ labels: @autoclosure () -> String) {
        rejected += count
        reasons[reason, default: 0] += max(count, 1)
        if examples.count < Self.exampleLimit { examples.append("\(reason): \(Self.shortened(labels()))") }
    }

    /// Takes in what the store says about a batch, whose samples are in `written` already.
    mutating func add(_ result: AppendResult, _ batch: SampleBatch) {
        appended += result.appended
        written.exemplars += result.exemplars
        for item in result.rejected {
            if batch.hasHistograms(item.entry) { written.histograms -= 1 } else { written.samples -= 1 }
            if item.reason == .memoryLimit {
                refusedForMemory += 1
            } else {
                refuse(1, "\(item.reason)", "\(batch.labels(item.entry)) at \(item.timeMs)")
            }
        }
    }

    private static func shortened(_ text: String) -> String {
        let start = text.unicodeScalars.prefix(exampleLength)
        return start.endIndex == text.endIndex ? text : String(start) + "…"
    }

    /// One line for the answer.
    var message: String {
        let counts = reasons.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
        return counts.joined(separator: ", ") + (examples.isEmpty ? "" : "; " + examples.joined(separator: "; "))
    }
}
