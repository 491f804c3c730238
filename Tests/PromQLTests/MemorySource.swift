import MartletCore
import PromQL
import SampleMath

/// Series in memory, for tests.
struct MemorySource: MetricSource {
    private(set) var series: [Labels: SampleColumns] = [:]

    /// Adds a sample at its place; one at the same time is replaced.
    mutating func add(_ labels: Labels, _ timestamp: Int64, _ value: Double) {
        var columns = series[labels] ?? SampleColumns()
        if let last = columns.timestamps.last, last >= timestamp {
            let index = columns.timestamps.firstIndex { $0 >= timestamp } ?? columns.count
            if columns.timestamps[index] == timestamp {
                columns.values[index] = value
            } else {
                columns.timestamps.insert(timestamp, at: index)
                columns.values.insert(value, at: index)
            }
        } else {
            columns.append(timestamp, value)
        }
        series[labels] = columns
    }

    struct Found: MetricSeriesSet {
        let series: [(labels: Labels, samples: SampleColumns)]
        let minTime: Int64
        let maxTime: Int64

        var count: Int { series.count }

        func labels(at index: Int) -> Labels { series[index].labels }

        func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
            let samples = series[index].samples
            for position in 0..<samples.count
            where samples.timestamps[position] >= minTime && samples.timestamps[position] <= maxTime {
                columns.append(samples.timestamps[position], samples.values[position])
            }
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
