import MartletCore
import PromQL

/// A series set of this store's own, whose label sets can be compared as bytes.
protocol LocalSeriesSet: MetricSeriesSet {
    var labels: LabelList { get }
}

extension LocalSeriesSet {
    var count: Int { labels.count }

    func labels(at index: Int) -> Labels { labels[index] }
}
