import MartletCore
import MetricStorage

/// What became of a pushed request: how much was taken, and why the rest was not.
struct WriteOutcome: Sendable {
    private static let exampleLimit = 3

    var appended = 0
    /// Samples that the sender must not send again.
    var rejected = 0
    /// Samples that may be sent again later.
    var refusedForMemory = 0
    private var reasons: [String: Int] = [:]
    private var examples: [String] = []

    /// Counts samples that were refused, naming the first few.
    mutating func refuse(_ count: Int, _ reason: String, _ labels: @autoclosure () -> String) {
        rejected += count
        reasons[reason, default: 0] += count
        if examples.count < Self.exampleLimit { examples.append("\(reason): \(labels())") }
    }

    /// Takes in what the store says about a batch.
    mutating func add(_ result: AppendResult, _ batch: SampleBatch) {
        appended += result.appended
        for item in result.rejected {
            if item.reason == .memoryLimit {
                refusedForMemory += 1
            } else {
                refuse(1, "\(item.reason)", "\(batch.labels(item.entry)) at \(item.timeMs)")
            }
        }
    }

    /// One line for the answer.
    var message: String {
        let counts = reasons.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
        return counts.joined(separator: ", ") + (examples.isEmpty ? "" : "; " + examples.joined(separator: "; "))
    }
}
