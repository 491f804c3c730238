import MartletCore
import SampleMath

/// A set whose samples are counted when they are read.
struct CountingSeriesSet: MetricSeriesSet {
    let base: any MetricSeriesSet
    let statistics: QueryStatistics
    let moments: StepGrid
    let width: Int64
    let newestOnly: Bool
    let isInSubquery: Bool

    var count: Int { base.count }
    var memory: Int { base.memory }

    func labels(at index: Int) -> Labels { base.labels(at: index) }

    func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
        var samples = SeriesSamples()
        try read(index, into: &samples)
        for (time, value) in zip(samples.floats.timestamps, samples.floats.values) { columns.append(time, value) }
    }

    func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError) {
        // The evaluator always begins with none.
        try base.read(index, into: &samples)
        note(samples)
    }

    private func note(_ samples: SeriesSamples) {
        statistics.note(samples, moments, within: width, newestOnly: newestOnly, isInSubquery: isInSubquery)
    }
}

extension Evaluator {
    /// The set itself, or one that counts where the query's statistics are wanted.
    func counted(
        _ found: any MetricSeriesSet, _ moments: StepGrid, within width: Int64, newestOnly: Bool
    ) -> any MetricSeriesSet {
        guard let statistics = context.statistics else { return found }
        return CountingSeriesSet(
            base: found, statistics: statistics, moments: moments, width: width, newestOnly: newestOnly,
            isInSubquery: isInSubquery)
    }
}
