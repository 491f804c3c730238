package import MartletCore
package import PromQL
package import PromQLTesting
package import Rules
import SampleMath

/// Series in memory that rules read and write.
package final class RuleMemory: MetricSource, RuleSink {
    private let memory = Lock(MemorySource())

    /// No series.
    package init() {}

    /// Adds a sample as it is: milliseconds since 1970.
    package func load(_ labels: Labels, _ item: SeriesNotation.Item, atMs timeMs: Int64) {
        memory.withLock { memory in
            switch item {
            case .gap: break
            case .value(let value): memory.add(labels, timeMs, value)
            case .histogram(let histogram, _): memory.add(labels, timeMs, histogram)
            }
        }
    }

    /// The sample of a series at a time.
    package func sample(_ labels: Labels, atMs timeMs: Int64) -> MemorySource.Sample? {
        memory.withLock { $0.series[labels]?.last { $0.time == timeMs } }
    }

    package func append(_ samples: [RuleSample]) throws -> [RuleRejection] {
        memory.withLock { memory in
            var refused: [RuleRejection] = []
            for (index, sample) in samples.enumerated() {
                if let reason = Self.fault(sample, after: memory.series[sample.labels]?.last) {
                    refused.append(RuleRejection(index: index, reason: reason, isLate: true))
                } else if let histogram = sample.histogram {
                    memory.add(sample.labels, sample.timeMs, histogram)
                } else {
                    memory.add(sample.labels, sample.timeMs, sample.value)
                }
            }
            return refused
        }
    }

    private static func fault(_ sample: RuleSample, after last: MemorySource.Sample?) -> String? {
        guard let last, last.time >= sample.timeMs else { return nil }
        if last.time > sample.timeMs { return "out of order sample" }
        let isSame = last.value.bitPattern == sample.value.bitPattern && last.histogram == sample.histogram
        return isSame ? nil : "duplicate sample for timestamp"
    }

    // MARK: Reading

    package func select(_ selection: MetricSelection, context: QueryContext) throws(QueryError) -> any MetricSeriesSet {
        try memory.withLock { $0 }.select(selection, context: context)
    }

    package func series(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [Labels] {
        try memory.withLock { $0 }.series(
            matching: matchers, minTime: minTime, maxTime: maxTime, limit: limit, context: context)
    }

    package func labelNames(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [String] {
        try memory.withLock { $0 }.labelNames(
            matching: matchers, minTime: minTime, maxTime: maxTime, limit: limit, context: context)
    }

    package func labelValues(
        of name: String, matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int,
        context: QueryContext
    ) throws(QueryError) -> [String] {
        try memory.withLock { $0 }.labelValues(
            of: name, matching: matchers, minTime: minTime, maxTime: maxTime, limit: limit, context: context)
    }
}
