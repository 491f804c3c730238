import MartletCore
import MetricStorage
import Rules

/// The store as rules write to it.
struct RuleStorage: RuleSink {
    let store: MetricStore

    func append(_ samples: [RuleSample]) throws -> [RuleRejection] {
        var batch = SampleBatch()
        // An entry of the batch is a sample.
        for sample in samples {
            sample.labels.bytes.withUnsafeBytes { batch.begin(labels: $0) }
            if let histogram = sample.histogram {
                batch.add(sample.timeMs, StoredHistogram(histogram))
            } else {
                batch.add(sample.timeMs, sample.value)
            }
        }
        return try store.append(&batch).rejected.map { item in
            let isLate = [.outOfOrder, .duplicate, .outOfBounds].contains(item.reason)
            return RuleRejection(index: item.entry, reason: "\(item.reason)", isLate: isLate)
        }
    }
}
