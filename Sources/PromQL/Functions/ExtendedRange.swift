import SampleMath

/// Evaluates functions over the windows of `anchored` and `smoothed` range selectors.
///
/// An anchored window begins with the last sample at or before its start; a smoothed one has interpolated values at its
/// start and end. Both look for samples up to the lookback beyond the window.
struct ExtendedRange {
    let function: RangeFunction
    let boundary: Expression.Boundary
    /// The windows' ends, their width and the lookback in milliseconds.
    let grid: StepGrid
    let range: Int64
    let lookback: Int64

    var isSmoothed: Bool { boundary == .smoothed }
    var isCounter: Bool { function != .delta }

    /// Fills the column; what is odd about the samples is returned.
    func evaluate(_ samples: SeriesSamples, into column: inout StepColumn) -> SampleRemarks {
        var remarks: SampleRemarks = []
        var floats = 0..<0
        var histograms = 0..<0
        for step in 0..<grid.count {
            column.clear(step)
            let end = grid.time(step)
            let (from, to) = (end - range - lookback, isSmoothed ? end + lookback : end)
            floats = HistogramRange.advance(floats, samples.floats.timestamps, from: from, to: to)
            histograms = HistogramRange.advance(histograms, samples.histograms.timestamps, from: from, to: to)
            if floats.isEmpty, histograms.isEmpty { continue }
            let window = Window(start: end - range, end: end)
            if function == .changes || function == .resets {
                let mixed = anchored(samples, floats, histograms, window)
                if let mixed { column.values[step] = Double(function == .changes ? mixed.changes : mixed.resets) }
            } else if histograms.isEmpty {
                if let value = difference(samples.floats, floats, window) { column.values[step] = value }
            } else if floats.isEmpty {
                if let histogram = difference(samples.histograms, histograms, window, &remarks) {
                    column.set(step, histogram)
                }
            } else {
                remarks.insert(.mixedKinds)
            }
        }
        return remarks
    }

    /// A window's edges in milliseconds.
    struct Window {
        let start: Int64
        let end: Int64
    }

    /// Of all samples up to the window's end those from its anchor on; nil when none is inside.
    private func anchored(
        _ samples: SeriesSamples, _ floats: Range<Int>, _ histograms: Range<Int>, _ window: Window
    ) -> MixedSamples? {
        let float = floats.last { samples.floats.timestamps[$0] <= window.start }
        let histogram = histograms.last { samples.histograms.timestamps[$0] <= window.start }
        var firstFloat = (float ?? floats.lowerBound - 1) + 1
        var firstHistogram = (histogram ?? histograms.lowerBound - 1) + 1
        if firstFloat == floats.upperBound, firstHistogram == histograms.upperBound { return nil }
        let times = (
            float.map { samples.floats.timestamps[$0] }, histogram.map { samples.histograms.timestamps[$0] }
        )
        if let floatTime = times.0, floatTime >= times.1 ?? .min {
            firstFloat -= 1
        } else if times.1 != nil {
            firstHistogram -= 1
        }
        return MixedSamples(
            samples: samples, floats: firstFloat..<floats.upperBound, histograms: firstHistogram..<histograms.upperBound
        )
    }

    /// The positions of the samples that stand at the window's edges; nil when nothing is inside.
    private func edges(_ timestamps: [Int64], _ positions: Range<Int>, _ window: Window) -> (first: Int, last: Int)? {
        var last = positions.upperBound - 1
        let inside = positions.first { timestamps[$0] > window.start } ?? last
        let first = max(positions.lowerBound, min(inside, last) - 1)
        if isSmoothed { last = positions.first { timestamps[$0] >= window.end } ?? last }
        guard timestamps[last] > window.start else { return nil }
        if isSmoothed, timestamps[first] > window.end { return nil }
        return (first, last)
    }

    // MARK: Floats

    private func difference(_ columns: SampleColumns, _ positions: Range<Int>, _ window: Window) -> Double? {
        guard let (first, last) = edges(columns.timestamps, positions, window) else { return nil }
        let (left, right) = edgeValues(columns, positions, first, last, window, isCounter: isCounter)
        var result = right - left
        if isCounter {
            // The edges have seen to resets at them.
            let from = columns.timestamps[first] <= window.start ? first + 1 : first
            let to = columns.timestamps[last] >= window.end ? last : last + 1
            var previous = left
            for value in columns.values[min(from, to)..<to] + [right] {
                if value < previous { result += previous }
                previous = value
            }
        }
        return function == .rate ? result / (Double(range) / 1000) : result
    }

    /// The values at the window's edges.
    private func edgeValues(
        _ columns: SampleColumns, _ positions: Range<Int>, _ first: Int, _ last: Int, _ window: Window, isCounter: Bool
    ) -> (left: Double, right: Double) {
        let left =
            isSmoothed && columns.timestamps[first] < window.start
            ? Interpolation.value(columns, first, at: window.start, isCounter: isCounter) : columns.values[first]
        let right =
            isSmoothed && last > positions.lowerBound && columns.timestamps[last] > window.end
            ? Interpolation.value(columns, last - 1, at: window.end, isCounter: isCounter) : columns.values[last]
        return (left, right)
    }

    /// The samples of one window with those at its edges, in milliseconds: what an instant query for it answers.
    func samples(_ columns: SampleColumns, start: Int64, end: Int64) -> SampleColumns {
        let window = Window(start: start, end: end)
        var result = SampleColumns()
        let (from, to) = (start - lookback, isSmoothed ? end + lookback : end)
        let positions = HistogramRange.advance(0..<0, columns.timestamps, from: from, to: to)
        guard !positions.isEmpty, let (first, last) = edges(columns.timestamps, positions, window) else {
            return result
        }
        let (left, right) = edgeValues(columns, positions, first, last, window, isCounter: false)
        result.append(start, left)
        for position in first...last
        where columns.timestamps[position] > start && columns.timestamps[position] < end {
            result.append(columns.timestamps[position], columns.values[position])
        }
        result.append(end, right)
        return result
    }

    // MARK: Histograms

    private func difference(
        _ columns: HistogramColumns, _ positions: Range<Int>, _ window: Window, _ remarks: inout SampleRemarks
    ) -> NativeHistogram? {
        guard let (first, last) = edges(columns.timestamps, positions, window) else { return nil }
        for histogram in columns.values[first...last] {
            guard histogram.hasCustomBounds == columns.values[first].hasCustomBounds else {
                remarks.insert(.mixedSchemas)
                return nil
            }
            if isCounter, histogram.hint == .gauge { remarks.insert(.notCounter) }
        }
        let interpolatesLeft = isSmoothed && columns.timestamps[first] < window.start
        let left =
            interpolatesLeft
            ? Interpolation.value(columns, first, at: window.start, isCounter: isCounter, &remarks)
            : columns.values[first]
        let right =
            isSmoothed && last > positions.lowerBound && columns.timestamps[last] > window.end
            ? Interpolation.value(columns, last - 1, at: window.end, isCounter: isCounter, &remarks)
            : columns.values[last]
        guard let left, let right else { return nil }
        if !isCounter, left.hint != .gauge || right.hint != .gauge { remarks.insert(.notGauge) }
        var result = right
        guard HistogramWindow.note(result.subtract(left), .reconciledSubtraction, &remarks) else { return nil }
        if isCounter {
            var previous = left
            var next = first + 1
            if interpolatesLeft, next <= last, columns.values[next].isReset(since: columns.values[first]) {
                // The left edge lies in the reset, and has seen to it.
                previous = columns.values[next]
                next += 1
            }
            if next <= last {
                // The last one is the right edge, or what it was interpolated from.
                for histogram in columns.values[next..<last] + [right] {
                    if histogram.isReset(since: previous),
                        !HistogramWindow.note(result.add(previous), .reconciledAddition, &remarks)
                    {
                        return nil
                    }
                    previous = histogram
                }
            }
        }
        if function == .rate { result.divide(by: Double(range) / 1000) }
        result.hint = .gauge
        result.compact()
        return result
    }
}
