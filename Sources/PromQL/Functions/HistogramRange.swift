import SampleMath

/// Evaluates functions over the windows of a series that has native histograms, given what came of its floats alone.
struct HistogramRange {
    let function: RangeFunction
    /// The windows' ends, and their width in milliseconds.
    let grid: StepGrid
    let range: Int64

    /// Corrects `column`, which holds the function of the floats, wherever there are histograms in the window.
    func evaluate(_ samples: SeriesSamples, into column: inout StepColumn) -> SampleRemarks {
        var remarks: SampleRemarks = []
        var floats = 0..<0
        var histograms = 0..<0
        for step in 0..<grid.count {
            let end = grid.time(step)
            floats = HistogramRange.advance(floats, samples.floats.timestamps, from: end - range, to: end)
            histograms = HistogramRange.advance(histograms, samples.histograms.timestamps, from: end - range, to: end)
            if histograms.isEmpty { continue }
            let mixed = MixedSamples(samples: samples, floats: floats, histograms: histograms)
            correct(&column, step, mixed, end, &remarks)
        }
        return remarks
    }

    /// The positions of the samples in (from, to], starting from those of an earlier window.
    static func advance(_ window: Range<Int>, _ timestamps: [Int64], from: Int64, to: Int64) -> Range<Int> {
        var (low, high) = (window.lowerBound, window.upperBound)
        while high < timestamps.count, timestamps[high] <= to { high += 1 }
        while low < high, timestamps[low] <= from { low += 1 }
        return low..<high
    }

    private func correct(
        _ column: inout StepColumn, _ step: Int, _ mixed: MixedSamples, _ end: Int64, _ remarks: inout SampleRemarks
    ) {
        let window = HistogramWindow(columns: mixed.samples.histograms, positions: mixed.histograms)
        let samples = mixed.samples
        switch function {
        case .count: column.values[step] = Double(mixed.floats.count + mixed.histograms.count)
        case .present: column.values[step] = 1
        case .changes: column.values[step] = Double(mixed.changes)
        case .resets: column.values[step] = Double(mixed.resets)
        case .timeOfFirst, .timeOfLast:
            let isFirst = function == .timeOfFirst
            let times = [
                isFirst ? mixed.floats.first : mixed.floats.last,
                isFirst ? mixed.histograms.first : mixed.histograms.last,
            ]
            let known = [
                times[0].map { samples.floats.timestamps[$0] }, times[1].map { samples.histograms.timestamps[$0] },
            ].compactMap { $0 }
            if let time = isFirst ? known.min() : known.max() { column.values[step] = Double(time) / 1000 }
        case .first, .last:
            let (float, histogram) =
                function == .first
                ? (mixed.floats.first, mixed.histograms.first) : (mixed.floats.last, mixed.histograms.last)
            guard let histogram else { return }
            if let float {
                let isEarlier = samples.floats.timestamps[float] < samples.histograms.timestamps[histogram]
                if isEarlier == (function == .first) { return }
            }
            column.set(step, samples.histograms.values[histogram])
        case .rate, .increase, .delta, .sum, .avg:
            column.clear(step)
            guard mixed.floats.isEmpty else {
                remarks.insert(.mixedKinds)
                return
            }
            let result =
                function == .sum || function == .avg
                ? window.aggregated(isMean: function == .avg, &remarks)
                : window.extrapolated(function, end: end, range: range, &remarks)
            if let result { column.set(step, result) }
        case .irate, .idelta:
            guard mixed.floats.count + mixed.histograms.count >= 2 else { return }
            switch mixed.lastTwoAreHistograms {
            case false?: return
            case true?:
                column.clear(step)
                if let result = window.lastDifference(isRate: function == .irate, &remarks) {
                    column.set(step, result)
                }
            case nil:
                column.clear(step)
                remarks.insert(.mixedKinds)
            }
        default:
            // Functions of floats.
            if !mixed.floats.isEmpty { remarks.insert(.ignoredHistograms) }
        }
    }
}
