import MartletCore
import PromQL
import SampleMath

/// The store's series and those of other servers as one set: what several have occurs once, with the samples of all. At the
/// same time the store's own sample counts.
struct FanoutSeriesSet: MetricSeriesSet {
    private let parts: [any MetricSeriesSet]
    /// Where a series lies: part and index, the store first.
    private var series: [(labels: Labels, places: [(part: Int, index: Int)])] = []

    init(_ parts: [any MetricSeriesSet], context: QueryContext) throws(QueryError) {
        self.parts = parts
        var known: [Labels: Int] = [:]
        for (part, set) in parts.enumerated() {
            for index in 0..<set.count {
                if index % 4096 == 0 { try context.check() }
                let labels = set.labels(at: index)
                if let place = known[labels] {
                    series[place].places.append((part, index))
                } else {
                    known[labels] = series.count
                    series.append((labels, [(part, index)]))
                }
            }
        }
    }

    var count: Int { series.count }

    func labels(at index: Int) -> Labels { series[index].labels }

    func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
        var samples = SeriesSamples()
        try read(index, into: &samples)
        for position in 0..<samples.floats.count {
            columns.append(samples.floats.timestamps[position], samples.floats.values[position])
        }
    }

    func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError) {
        let places = series[index].places
        if places.count == 1 { return try parts[places[0].part].read(places[0].index, into: &samples) }
        var all = SeriesSamples()
        for place in places {
            var own = SeriesSamples()
            try parts[place.part].read(place.index, into: &own)
            all = .merged(all, own)
        }
        for position in 0..<all.floats.count {
            samples.append(
                all.floats.timestamps[position], all.floats.values[position],
                startTimestamp: all.floatStartTimestamps.isEmpty ? 0 : all.floatStartTimestamps[position])
        }
        for position in 0..<all.histograms.count {
            samples.histograms.append(
                all.histograms.timestamps[position], all.histograms.values[position],
                startTimestamp: all.histograms.startTimestamps.isEmpty ? 0 : all.histograms.startTimestamps[position])
        }
    }
}
