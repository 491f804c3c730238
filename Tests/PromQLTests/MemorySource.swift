import MartletCore
import PromQL
import SampleMath

/// Series in memory, for tests: floats, native histograms, start timestamps.
struct MemorySource: MetricSource {
    /// One sample of either kind.
    struct Sample {
        var time: Int64
        var value: Double
        var histogram: NativeHistogram?
        var start: Int64 = 0
    }

    private(set) var series: [Labels: [Sample]] = [:]

    /// Adds a float at its place; a sample at the same time is replaced.
    mutating func add(_ labels: Labels, _ timestamp: Int64, _ value: Double, start: Int64 = 0) {
        add(labels, Sample(time: timestamp, value: value, start: start))
    }

    /// Adds a histogram, likewise.
    mutating func add(_ labels: Labels, _ timestamp: Int64, _ histogram: NativeHistogram, start: Int64 = 0) {
        add(labels, Sample(time: timestamp, value: 0, histogram: histogram, start: start))
    }

    private mutating func add(_ labels: Labels, _ sample: Sample) {
        var samples = series[labels, default: []]
        series[labels] = nil
        let index = samples.firstIndex { $0.time >= sample.time } ?? samples.count
        if index < samples.count, samples[index].time == sample.time {
            samples[index] = sample
        } else {
            samples.insert(sample, at: index)
        }
        series[labels] = samples
    }

    struct Found: MetricSeriesSet {
        let series: [(labels: Labels, samples: [Sample])]
        let minTime: Int64
        let maxTime: Int64

        var count: Int { series.count }

        func labels(at index: Int) -> Labels { series[index].labels }

        func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
            for sample in series[index].samples
            where sample.histogram == nil && sample.time >= minTime && sample.time <= maxTime {
                columns.append(sample.time, sample.value)
            }
        }

        func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError) {
            let hinted = MemorySource.hinted(series[index].samples)
            for sample in hinted where sample.time >= minTime && sample.time <= maxTime {
                if let histogram = sample.histogram {
                    samples.histograms.append(sample.time, histogram, startTimestamp: sample.start)
                } else {
                    samples.append(sample.time, sample.value, startTimestamp: sample.start)
                }
            }
        }
    }

    /// Samples as Prometheus' storage gives them back. It keeps histograms in chunks of one layout without resets: the
    /// first of a chunk comes without a hint, the others with the one that there was no reset.
    private static func hinted(_ samples: [Sample]) -> [Sample] {
        var previous: NativeHistogram?
        return samples.map { sample in
            guard var histogram = sample.histogram else {
                previous = nil
                return sample
            }
            defer { previous = sample.histogram }
            if histogram.hint == .gauge || StaleNaN.isStale(histogram.sum) { return sample }
            let beganChunk = histogram.hint == .reset
            histogram.hint = .unknown
            if let before = previous, before.hint != .gauge, !StaleNaN.isStale(before.sum), !beganChunk,
                histogram.schema == before.schema, histogram.zeroThreshold == before.zeroThreshold,
                !histogram.isReset(since: before)
            {
                histogram.hint = .notReset
            }
            var result = sample
            result.histogram = histogram
            return result
        }
    }

    func select(
        _ selection: MetricSelection, context: QueryContext
    ) throws(QueryError) -> any MetricSeriesSet {
        let found = series.filter { labels, _ in selection.matchers.allSatisfy { $0.matches(labels) } }
        return Found(
            series: found.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }, minTime: selection.minTime,
            maxTime: selection.maxTime)
    }

    func series(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [Labels] {
        series.keys.filter { labels in
            matchers.isEmpty || matchers.contains { $0.allSatisfy { $0.matches(labels) } }
        }.sorted()
    }

    func labelNames(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [String] {
        let found = try series(matching: matchers, minTime: minTime, maxTime: maxTime, limit: 0, context: context)
        return Set(found.flatMap { $0.pairs.map(\.name) }).sorted()
    }

    func labelValues(
        of name: String, matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int,
        context: QueryContext
    ) throws(QueryError) -> [String] {
        let found = try series(matching: matchers, minTime: minTime, maxTime: maxTime, limit: 0, context: context)
        return Set(found.compactMap { $0[name] }).sorted()
    }
}
