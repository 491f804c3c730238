package import MartletCore
package import PromQL
package import SampleMath

/// Series in memory, for tests: floats, native histograms, start timestamps.
package struct MemorySource: MetricSource {
    /// One sample of either kind.
    package struct Sample: Sendable {
        package var time: Int64
        package var value: Double
        package var histogram: NativeHistogram?
        package var start: Int64 = 0
    }

    /// Nothing yet.
    package init() {}

    package private(set) var series: [Labels: [Sample]] = [:]

    /// Adds a float at its place; a sample at the same time is replaced.
    package mutating func add(_ labels: Labels, _ timestamp: Int64, _ value: Double, start: Int64 = 0) {
        add(labels, Sample(time: timestamp, value: value, start: start))
    }

    /// Adds a histogram, likewise.
    package mutating func add(_ labels: Labels, _ timestamp: Int64, _ histogram: NativeHistogram, start: Int64 = 0) {
        add(labels, Sample(time: timestamp, value: 0, histogram: histogram, start: start))
    }

    private mutating func add(_ labels: Labels, _ sample: Sample) {
        let index = Self.position(of: sample.time, in: series[labels] ?? [])
        if let known = series[labels], index < known.count, known[index].time == sample.time {
            series[labels]?[index] = sample
        } else {
            series[labels, default: []].insert(sample, at: index)
        }
    }

    /// The series of a selection.
    package struct Found: MetricSeriesSet {
        let series: [(labels: Labels, samples: [Sample])]
        let minTime: Int64
        let maxTime: Int64

        package var count: Int { series.count }

        package func labels(at index: Int) -> Labels { series[index].labels }

        package func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
            let samples = series[index].samples
            for sample in samples[MemorySource.position(of: minTime, in: samples)...].prefix(while: {
                $0.time <= maxTime
            })
            where sample.histogram == nil {
                columns.append(sample.time, sample.value)
            }
        }

        package func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError) {
            let all = series[index].samples
            let start = MemorySource.position(of: minTime, in: all)
            var previous = start > 0 ? all[start - 1].histogram : nil
            for sample in all[start...].prefix(while: { $0.time <= maxTime }) {
                if let histogram = sample.histogram {
                    samples.histograms.append(
                        sample.time, MemorySource.hinted(histogram, after: previous), startTimestamp: sample.start)
                } else {
                    samples.append(sample.time, sample.value, startTimestamp: sample.start)
                }
                previous = sample.histogram
            }
        }
    }

    /// A histogram as Prometheus' storage gives it back. It keeps histograms in chunks of one layout without resets: the
    /// first of a chunk comes without a hint, the others with the one that there was no reset.
    private static func hinted(_ sample: NativeHistogram, after before: NativeHistogram?) -> NativeHistogram {
        if sample.hint == .gauge || StaleNaN.isStale(sample.sum) { return sample }
        var histogram = sample
        let beganChunk = histogram.hint == .reset
        histogram.hint = .unknown
        if let before, before.hint != .gauge, !StaleNaN.isStale(before.sum), !beganChunk,
            histogram.schema == before.schema, histogram.zeroThreshold == before.zeroThreshold,
            !histogram.isReset(since: before)
        {
            histogram.hint = .notReset
        }
        return histogram
    }

    /// Index of the first sample at or after a time.
    private static func position(of time: Int64, in samples: [Sample]) -> Int {
        if let last = samples.last, last.time < time { return samples.count }
        return samples.indices.partitioningIndex { samples[$0].time >= time }
    }

    package func select(
        _ selection: MetricSelection, context: QueryContext
    ) throws(QueryError) -> any MetricSeriesSet {
        let found = series.filter { labels, _ in selection.matchers.allSatisfy { $0.matches(labels) } }
        return Found(
            series: found.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }, minTime: selection.minTime,
            maxTime: selection.maxTime)
    }

    package func series(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [Labels] {
        series.keys.filter { labels in
            matchers.isEmpty || matchers.contains { $0.allSatisfy { $0.matches(labels) } }
        }.sorted()
    }

    package func labelNames(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [String] {
        let found = try series(matching: matchers, minTime: minTime, maxTime: maxTime, limit: 0, context: context)
        return Set(found.flatMap { $0.pairs.map(\.name) }).sorted()
    }

    package func labelValues(
        of name: String, matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int,
        context: QueryContext
    ) throws(QueryError) -> [String] {
        let found = try series(matching: matchers, minTime: minTime, maxTime: maxTime, limit: 0, context: context)
        return Set(found.compactMap { $0[name] }).sorted()
    }
}
