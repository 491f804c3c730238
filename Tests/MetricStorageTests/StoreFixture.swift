import Durable
import Logging
import MartletCore
import MetricStorage
import PromQL
import SampleMath

/// A store in a temporary directory, with short words for what the tests do.
struct StoreFixture {
    let store: MetricStore

    init(
        _ path: String, options: MetricStore.Options = .init(),
        budget: MemoryBudget = MemoryBudget(limitBytes: 1 << 30),
        on fileSystem: any FileSystem = DiskFileSystem()
    ) throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        store = try MetricStore(path, options: options, budget: budget, logger: logger, on: fileSystem)
    }

    @discardableResult
    func append(_ samples: [(labels: Labels, time: Int64, value: Double)]) throws -> AppendResult {
        var batch = SampleBatch()
        for sample in samples {
            sample.labels.bytes.withUnsafeBytes { batch.begin(labels: $0) }
            batch.add(sample.time, sample.value)
        }
        return try store.append(&batch)
    }

    @discardableResult
    func append(_ name: String, _ time: Int64, _ value: Double) throws -> AppendResult {
        try append([(labels: Labels([("__name__", name)]), time: time, value: value)])
    }

    /// All samples that the matchers select, by the text of the labels, as (time, bits of the value).
    func dump(
        _ matchers: [Matcher] = [], from start: Int64 = .min, to end: Int64 = .max
    ) throws -> [String: [Point]] {
        let set = try store.select(
            MetricSelection(matchers: matchers, minTime: start, maxTime: end), context: QueryContext())
        var result: [String: [Point]] = [:]
        for index in 0..<set.count {
            var columns = SampleColumns()
            try set.read(index, into: &columns)
            result[set.labels(at: index).description] = zip(columns.timestamps, columns.values).map {
                Point(time: $0, bits: $1.bitPattern)
            }
        }
        return result
    }

    /// Appends one native histogram.
    @discardableResult
    func append(_ name: String, _ time: Int64, _ histogram: StoredHistogram) throws -> AppendResult {
        var batch = SampleBatch()
        Labels([("__name__", name)]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
        batch.add(time, histogram)
        return try store.append(&batch)
    }

    /// All samples of a series, with native histograms and start times.
    func samples(_ name: String, from start: Int64 = .min, to end: Int64 = .max) throws -> SeriesSamples {
        let selection = MetricSelection(matchers: [Matcher(equal: "__name__", name)], minTime: start, maxTime: end)
        let set = try store.select(selection, context: QueryContext())
        var samples = SeriesSamples()
        for index in 0..<set.count { try set.read(index, into: &samples) }
        return samples
    }
}

struct Point: Hashable {
    let time: Int64
    let bits: UInt64

    init(time: Int64, bits: UInt64) {
        self.time = time
        self.bits = bits
    }

    init(_ time: Int64, _ value: Double) {
        self.time = time
        bits = value.bitPattern
    }
}
