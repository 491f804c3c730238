import SampleMath

/// Floats and histograms of a series inside a window, in order of time.
struct MixedSamples {
    private enum Sample {
        case float(Int)
        case histogram(Int)
    }

    let samples: SeriesSamples
    let floats: Range<Int>
    let histograms: Range<Int>

    /// How often the value changed; a change of kind is one.
    var changes: Int {
        count { previous, current in
            switch (previous, current) {
            case (.float(let a), .float(let b)):
                let (x, y) = (samples.floats.values[a], samples.floats.values[b])
                return x != y && !(x.isNaN && y.isNaN)
            case (.histogram(let a), .histogram(let b)):
                return !samples.histograms.values[b].isSame(as: samples.histograms.values[a])
            default: return true
            }
        }
    }

    /// How often counting began anew; a change of kind is such a beginning.
    var resets: Int {
        let window = HistogramWindow(columns: samples.histograms, positions: histograms)
        return count { previous, current in
            switch (previous, current) {
            case (.float(let a), .float(let b)):
                return samples.floats.values[b] < samples.floats.values[a] || beganAnew(a, b)
            case (.histogram(let a), .histogram(let b)):
                // Neighbours in the series need not be neighbours here: a float may have stood between them.
                return b == a + 1
                    ? window.isReset(b, since: samples.histograms.values[a])
                    : samples.histograms.values[b].isReset(since: samples.histograms.values[a])
            default: return true
            }
        }
    }

    /// The positions of the last two samples of all, when both are histograms or both floats; nil when they are not of
    /// one kind.
    var lastTwoAreHistograms: Bool? {
        guard let lastHistogram = histograms.last.map({ samples.histograms.timestamps[$0] }) else { return false }
        let floatTimes = floats.suffix(2).map { samples.floats.timestamps[$0] }
        guard let lastFloat = floatTimes.last else { return true }
        if lastFloat < lastHistogram {
            let second = histograms.count > 1 ? samples.histograms.timestamps[histograms.upperBound - 2] : Int64.min
            return second > lastFloat ? true : nil
        }
        return floatTimes.count > 1 && floatTimes[0] > lastHistogram ? false : nil
    }

    private func beganAnew(_ previous: Int, _ current: Int) -> Bool {
        let starts = samples.floatStartTimestamps
        if starts.isEmpty { return false }
        return StartTimestamp.isReset(
            previousStart: starts[previous], previousTime: samples.floats.timestamps[previous],
            start: starts[current], time: samples.floats.timestamps[current])
    }

    /// Pairs of neighbours that pass.
    private func count(_ isCounted: (Sample, Sample) -> Bool) -> Int {
        var (float, histogram) = (floats.lowerBound, histograms.lowerBound)
        var previous: Sample?
        var count = 0
        while float < floats.upperBound || histogram < histograms.upperBound {
            let isFloat =
                histogram == histograms.upperBound
                || (float < floats.upperBound
                    && samples.floats.timestamps[float] < samples.histograms.timestamps[histogram])
            let current: Sample = isFloat ? .float(float) : .histogram(histogram)
            if isFloat { float += 1 } else { histogram += 1 }
            if let previous, isCounted(previous, current) { count += 1 }
            previous = current
        }
        return count
    }
}
