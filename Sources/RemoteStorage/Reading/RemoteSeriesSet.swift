import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Wire

/// Series that another server has answered with, in memory.
struct RemoteSeriesSet: MetricSeriesSet {
    private let series: [(labels: Labels, samples: SeriesSamples)]

    var count: Int { series.count }

    func labels(at index: Int) -> Labels { series[index].labels }

    func read(_ index: Int, into columns: inout SampleColumns) {
        let floats = series[index].samples.floats
        for position in 0..<floats.count { columns.append(floats.timestamps[position], floats.values[position]) }
    }

    func read(_ index: Int, into samples: inout SeriesSamples) {
        let own = series[index].samples
        for position in 0..<own.floats.count {
            samples.append(own.floats.timestamps[position], own.floats.values[position])
        }
        for position in 0..<own.histograms.count {
            samples.histograms.append(own.histograms.timestamps[position], own.histograms.values[position])
        }
    }

    /// Takes series as they arrive.
    struct Builder: Sendable {
        private let start: Int64
        private let end: Int64
        private let without: [String]
        private let context: QueryContext
        private var places: [Labels: Int] = [:]
        private var series: [(labels: Labels, samples: SeriesSamples)] = []

        /// Samples outside of the times, and labels of the names, are left out.
        init(from start: Int64, to end: Int64, without: [String], context: QueryContext) {
            self.start = start
            self.end = end
            self.without = without
            self.context = context
        }

        /// Adds a series, or what follows of one: a stream may split it. Chunks may overlap.
        mutating func add(_ item: RemoteRead.Series) throws {
            var labels = item.labels
            if !without.isEmpty {
                var builder = LabelsBuilder(labels)
                for name in without { builder.remove(name) }
                labels = builder.build()
            }
            var samples = SeriesSamples()
            for sample in item.samples where sample.timestamp >= start && sample.timestamp <= end {
                samples.append(sample.timestamp, sample.value)
            }
            for histogram in item.histograms where histogram.timestamp >= start && histogram.timestamp <= end {
                guard let native = StoredHistogram(histogram).native else {
                    throw RemoteReader.Failure(description: "a native histogram contradicts itself")
                }
                samples.histograms.append(histogram.timestamp, native)
            }
            for chunk in item.chunks {
                let isSound = chunk.data.withUnsafeBytes {
                    ChunkReader.samples(chunk.encoding, $0, from: start, to: end, into: &samples)
                }
                guard isSound else {
                    throw RemoteReader.Failure(description: "a chunk of encoding \(chunk.encoding) cannot be read")
                }
            }
            samples.putInOrder()
            try context.hold(bytes: labels.bytes.count + 16 * samples.floats.count + 256 * samples.histograms.count)
            if let place = places[labels] {
                series[place].samples = .merged(series[place].samples, samples)
            } else if !samples.isEmpty {
                places[labels] = series.count
                series.append((labels, samples))
            }
        }

        func finish() -> RemoteSeriesSet { RemoteSeriesSet(series: series) }
    }

    private init(series: [(labels: Labels, samples: SeriesSamples)]) {
        self.series = series
    }
}
