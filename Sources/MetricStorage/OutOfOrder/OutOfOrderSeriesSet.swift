import MartletCore
import PromQL
import SampleMath

/// What a selection found among the out-of-order samples of the head: copies of all of them.
struct OutOfOrderSeriesSet: LocalSeriesSet {
    private(set) var labels = LabelList()
    private var samples: [OutOfOrderSamples] = []
    private var deleted: [DeletedTimes?] = []
    private let start: Int64
    private let end: Int64

    /// The samples are the head's own until it changes.
    var memory: Int { labels.memory }

    init(from start: Int64, to end: Int64) {
        self.start = start
        self.end = end
    }

    mutating func add(_ labels: UnsafeRawBufferPointer, _ samples: OutOfOrderSamples, _ deleted: DeletedTimes?) {
        self.labels.append(labels)
        self.samples.append(samples)
        self.deleted.append(deleted)
    }

    func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
        try readFloats(index, into: &columns)
    }

    func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError) {
        let before = samples.mark
        self.samples[index].append(to: &samples, from: start, to: end)
        if let deleted = deleted[index] { samples.remove(deleted, after: before) }
    }
}
