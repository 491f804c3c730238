import SampleMath

/// The newest sample of a series at every moment, float or histogram, no older than the lookback and no staleness
/// marker.
struct NewestSamples {
    private enum Sample {
        case float(Int)
        case histogram(Int)
    }

    private let samples: SeriesSamples
    private let lookback: Int64

    /// The lookback is in milliseconds.
    init(_ samples: SeriesSamples, lookback: Int64) {
        self.samples = samples
        self.lookback = lookback
    }

    /// Fills the column; true when anything is there.
    func values(_ moments: StepGrid, into column: inout StepColumn) -> Bool {
        walk(moments) { step, sample in
            switch sample {
            case .float(let position): column.values[step] = samples.floats.values[position]
            case .histogram(let position): column.set(step, samples.histograms.values[position])
            }
        }
    }

    /// The same with the samples' times in seconds.
    func times(_ moments: StepGrid, into column: inout StepColumn) -> Bool {
        walk(moments) { step, sample in
            switch sample {
            case .float(let position): column.values[step] = Double(samples.floats.timestamps[position]) / 1000
            case .histogram(let position): column.values[step] = Double(samples.histograms.timestamps[position]) / 1000
            }
        }
    }

    /// The same with the moments when their counting began in seconds, 0 where that is not known.
    func startTimes(_ moments: StepGrid, into column: inout StepColumn) -> Bool {
        walk(moments) { step, sample in
            let (starts, position) =
                switch sample {
                case .float(let position): (samples.floatStartTimestamps, position)
                case .histogram(let position): (samples.histograms.startTimestamps, position)
                }
            column.values[step] = starts.isEmpty ? 0 : Double(starts[position]) / 1000
        }
    }

    private func walk(_ moments: StepGrid, _ body: (Int, Sample) -> Void) -> Bool {
        let (floatTimes, histogramTimes) = (samples.floats.timestamps, samples.histograms.timestamps)
        var (float, histogram) = (0, 0)
        var any = false
        for step in 0..<moments.count {
            let time = moments.time(step)
            while float < floatTimes.count, floatTimes[float] <= time { float += 1 }
            while histogram < histogramTimes.count, histogramTimes[histogram] <= time { histogram += 1 }
            let floatTime = float > 0 ? floatTimes[float - 1] : .min
            let histogramTime = histogram > 0 ? histogramTimes[histogram - 1] : .min
            let newest = max(floatTime, histogramTime)
            guard newest != .min, newest > time - lookback else { continue }
            let isHistogram = histogramTime > floatTime
            let marker = isHistogram ? samples.histograms.values[histogram - 1].sum : samples.floats.values[float - 1]
            if StaleNaN.isStale(marker) { continue }
            any = true
            body(step, isHistogram ? .histogram(histogram - 1) : .float(float - 1))
        }
        return any
    }
}
