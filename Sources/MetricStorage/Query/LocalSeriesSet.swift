import MartletCore
import PromQL
import SampleMath

/// A series set of this store's own, whose label sets can be compared as bytes.
protocol LocalSeriesSet: MetricSeriesSet {
    var labels: LabelList { get }
    /// Bytes of memory held.
    var memory: Int { get }
}

extension LocalSeriesSet {
    var count: Int { labels.count }

    func labels(at index: Int) -> Labels { labels[index] }
}

extension MetricSeriesSet {
    /// Floats alone, for a set that reads all samples.
    func readFloats(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
        var samples = SeriesSamples()
        swap(&columns, &samples.floats)
        // Also after a failure the caller gets its columns back.
        defer { swap(&columns, &samples.floats) }
        try read(index, into: &samples)
    }
}
