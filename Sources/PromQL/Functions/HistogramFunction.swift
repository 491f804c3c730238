/// A function that makes a number of every native histogram; floats it passes by.
enum HistogramFunction: String {
    case count = "histogram_count"
    case sum = "histogram_sum"
    case avg = "histogram_avg"
    case stddev = "histogram_stddev"
    case stdvar = "histogram_stdvar"

    func apply(_ histogram: NativeHistogram) -> Double {
        switch self {
        case .count: histogram.count
        case .sum: histogram.sum
        case .avg: histogram.sum / histogram.count
        case .stddev: histogram.variance.squareRoot()
        case .stdvar: histogram.variance
        }
    }
}
