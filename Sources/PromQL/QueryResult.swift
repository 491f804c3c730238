package import MartletCore
package import SampleMath

/// What a query came to.
package struct QueryResult: Sendable {
    /// A series' value at the query's time.
    package struct Sample: Sendable, Hashable {
        package var labels: Labels
        /// Of a float; without meaning where there is a histogram.
        package var value: Double
        package var histogram: NativeHistogram?

        package init(labels: Labels, value: Double) {
            self.labels = labels
            self.value = value
        }

        package init(labels: Labels, histogram: NativeHistogram) {
            self.labels = labels
            value = 0
            self.histogram = histogram
        }
    }

    /// A series' samples.
    package struct Series: Sendable {
        package var labels: Labels
        /// Floats and histograms, each in order of time.
        package var samples: SampleColumns
        package var histograms: HistogramColumns

        package init(
            labels: Labels, samples: SampleColumns, histograms: HistogramColumns = HistogramColumns()
        ) {
            self.labels = labels
            self.samples = samples
            self.histograms = histograms
        }
    }

    package enum Value: Sendable {
        case scalar(Double)
        case string(String)
        /// In the order the query asks for.
        case vector([Sample])
        /// Sorted by labels.
        case matrix([Series])
    }

    package var value: Value
    /// The time of scalars, strings and vectors, in milliseconds.
    package var time: Int64
    /// Texts of warnings and remarks, without duplicates.
    package var warnings: [String]
    package var infos: [String]
    /// The most samples that were held at once.
    package var peakSamples: Int

    package init(value: Value, time: Int64, warnings: [String] = [], infos: [String] = [], peakSamples: Int = 0) {
        self.value = value
        self.time = time
        self.warnings = warnings
        self.infos = infos
        self.peakSamples = peakSamples
    }
}
