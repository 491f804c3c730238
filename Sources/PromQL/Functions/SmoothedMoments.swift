import SampleMath

/// The value of a `smoothed` instant selector at every moment: interpolated between the samples around it.
struct SmoothedMoments {
    let grid: StepGrid
    /// How far samples before and after are looked for, in milliseconds.
    let lookback: Int64

    /// Fills the column; what is odd about the samples is returned.
    func evaluate(_ samples: SeriesSamples, into column: inout StepColumn) -> SampleRemarks {
        var remarks: SampleRemarks = []
        var floats = 0..<0
        var histograms = 0..<0
        for step in 0..<grid.count {
            let time = grid.time(step)
            floats = HistogramRange.advance(
                floats, samples.floats.timestamps, from: time - lookback, to: time + lookback)
            histograms = HistogramRange.advance(
                histograms, samples.histograms.timestamps, from: time - lookback, to: time + lookback)
            if !floats.isEmpty, !histograms.isEmpty {
                remarks.insert(.mixedKinds)
            } else if !floats.isEmpty {
                if let value = value(samples.floats, floats, time) { column.values[step] = value }
            } else if !histograms.isEmpty {
                if let histogram = value(samples.histograms, histograms, time, &remarks) {
                    column.set(step, histogram)
                }
            }
        }
        return remarks
    }

    private func value(_ columns: SampleColumns, _ positions: Range<Int>, _ time: Int64) -> Double? {
        let next = positions.first { columns.timestamps[$0] >= time } ?? positions.upperBound
        if next < positions.upperBound, columns.timestamps[next] == time { return columns.values[next] }
        guard next > positions.lowerBound else { return nil }
        // Without a later sample the last one goes on.
        guard next < positions.upperBound else { return columns.values[next - 1] }
        return Interpolation.value(columns, next - 1, at: time, isCounter: false)
    }

    private func value(
        _ columns: HistogramColumns, _ positions: Range<Int>, _ time: Int64, _ remarks: inout SampleRemarks
    ) -> NativeHistogram? {
        let next = positions.first { columns.timestamps[$0] >= time } ?? positions.upperBound
        if next < positions.upperBound, columns.timestamps[next] == time { return columns.values[next] }
        guard next > positions.lowerBound else { return nil }
        let before = columns.values[next - 1]
        guard next < positions.upperBound else {
            var carried = before
            // The hint spoke of the sample before.
            carried.hint = .unknown
            return carried
        }
        let after = columns.values[next]
        guard before.hasCustomBounds == after.hasCustomBounds else {
            remarks.insert(.mixedSchemas)
            return nil
        }
        let isCounter = before.hint != .gauge || after.hint != .gauge
        return Interpolation.value(columns, next - 1, at: time, isCounter: isCounter, &remarks)
    }
}
