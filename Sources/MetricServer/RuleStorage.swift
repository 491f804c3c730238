import MartletCore
import MetricStorage
import Rules

/// The store as rules write to it.
struct RuleStorage: RuleSink {
    let store: MetricStore

    func append(_ samples: [RuleSample]) throws -> [RuleRejection] {
        var batch = SampleBatch()
        var rejections: [RuleRejection] = []
        // Entries of the batch stand for these samples.
        var indexes: [Int] = []
        indexes.reserveCapacity(samples.count)
        for (index, sample) in samples.enumerated() {
            guard sample.histogram == nil else {
                rejections.append(
                    RuleRejection(index: index, reason: "native histograms are not stored yet", isLate: false))
                continue
            }
            sample.labels.bytes.withUnsafeBytes { batch.begin(labels: $0) }
            batch.add(sample.timeMs, sample.value)
            indexes.append(index)
        }
        guard !indexes.isEmpty else { return rejections }
        for item in try store.append(&batch).rejected {
            let isLate = [.outOfOrder, .duplicate, .outOfBounds].contains(item.reason)
            rejections.append(
                RuleRejection(index: indexes[item.entry], reason: "\(item.reason)", isLate: isLate))
        }
        return rejections
    }
}
