import MartletCore
import SampleMath

/// What a query looked at, counted for those who ask: as Prometheus counts it.
package final class QueryStatistics: Sendable {
    /// Counts of a query.
    package struct Counts: Sendable {
        /// Samples that the selectors looked at, at each of the query's steps; a subquery's results count in their place.
        package fileprivate(set) var perStep = [0]
        /// Samples that were taken from the source: one that is in several windows counts once.
        package fileprivate(set) var read = 0

        /// Samples that the selectors looked at, over all steps.
        package var total: Int { perStep.reduce(0, +) }
    }

    private let counts = Lock(Counts())

    /// Nothing yet.
    package init() {}

    /// What was counted so far.
    package var current: Counts { counts.withLock { $0 } }

    func begin(steps: Int) { counts.withLock { $0.perStep = [Int](repeating: 0, count: steps) } }

    /// Counts a series' samples in the windows that end at `moments`. With `newestOnly` a window's newest sample counts alone.
    /// Inside a subquery they are read, but belong to no step.
    func note(
        _ samples: SeriesSamples, _ moments: StepGrid, within width: Int64, newestOnly: Bool, isInSubquery: Bool,
        isRead: Bool = true
    ) {
        var columns = [Windows(samples.floats)]
        if !samples.histograms.isEmpty { columns.append(Windows(samples.histograms)) }
        counts.withLock { counts in
            for var column in columns {
                for step in 0..<moments.count {
                    // A fixed moment is looked at again at every step, and read once.
                    let isRepeated = moments.step == 0 && step > 0
                    let found = column.count(moments.time(step), width, newestOnly: newestOnly)
                    if isRead, !isRepeated { counts.read += newestOnly ? found.all : found.fresh }
                    // A subquery that is the whole of an instant query has steps of its own.
                    if !isInSubquery { counts.perStep[min(step, counts.perStep.count - 1)] += found.all }
                }
            }
        }
    }

    /// Samples in windows that move on.
    private struct Windows {
        private let times: [Int64]
        /// Weight of all samples before each.
        private var before: [Int] = [0]
        private let isStale: [Bool]
        private var first = 0
        private var end = 0
        private var seen = 0

        init(_ floats: SampleColumns) {
            times = floats.timestamps
            isStale = floats.values.map(StaleNaN.isStale)
            for stale in isStale { before.append((before.last ?? 0) + (stale ? 0 : 1)) }
        }

        init(_ histograms: HistogramColumns) {
            times = histograms.timestamps
            isStale = histograms.values.map { StaleNaN.isStale($0.sum) }
            for (histogram, stale) in zip(histograms.values, isStale) {
                before.append((before.last ?? 0) + (stale ? 0 : histogram.weight))
            }
        }

        /// What is within `width` before `time`, and what of it no window had before.
        mutating func count(_ time: Int64, _ width: Int64, newestOnly: Bool) -> (all: Int, fresh: Int) {
            while end < times.count, times[end] <= time { end += 1 }
            while first < end, times[first] <= time - width { first += 1 }
            guard first < end else { return (0, 0) }
            if newestOnly { return (before[end] - before[end - 1], 0) }
            let fresh = before[end] - before[max(first, min(seen, end))]
            seen = max(seen, end)
            return (before[end] - before[first], fresh)
        }
    }
}
