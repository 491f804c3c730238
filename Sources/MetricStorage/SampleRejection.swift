/// Why a sample was not taken. The texts are those that Prometheus' clients know.
package enum SampleRejection: Error, Hashable, CustomStringConvertible {
    /// Older than the series' last sample.
    case outOfOrder
    /// At the time of the series' last sample, with another value.
    case duplicate
    /// Older than what the head accepts.
    case outOfBounds
    /// Older than what the head accepts, and than the window for samples out of order.
    case tooOld
    /// The reference names no series, or one that was dropped.
    case unknownSeries
    /// The series would be new, or the sample came out of order, and the memory for that is used up.
    case memoryLimit
    /// The series would be new, and there are as many as may be.
    case seriesLimit(Int)
    /// The series would be new, and has more labels than it may.
    case labelLimit(Int)
    /// The name of a label is longer than so many bytes.
    case labelNameLimit(Int)
    /// The value of a label is longer than so many bytes.
    case labelValueLimit(Int)
    /// A label name occurs twice.
    case duplicateLabel
    /// A label has no name.
    case emptyLabelName
    /// A label's name or value is not UTF-8.
    case invalidUTF8
    /// There is no label `__name__`.
    case noMetricName

    /// The reason as an API tells it.
    package var description: String {
        switch self {
        case .outOfOrder: "out of order sample"
        case .duplicate: "duplicate sample for timestamp"
        case .outOfBounds: "out of bounds"
        case .tooOld: "too old sample"
        case .unknownSeries: "unknown series reference"
        case .duplicateLabel: "duplicate label name"
        case .emptyLabelName: "empty label name"
        case .invalidUTF8: "invalid UTF-8 in labels"
        case .noMetricName: "missing metric name"
        case .seriesLimit(let limit): "limit of \(limit) series reached: raise --storage.max-series"
        case .labelLimit(let limit): "more than \(limit) labels: raise --storage.max-labels-per-series"
        case .labelNameLimit(let limit):
            "label name longer than \(limit) bytes: raise --storage.max-label-name-length"
        case .labelValueLimit(let limit):
            "label value longer than \(limit) bytes: raise --storage.max-label-value-length"
        case .memoryLimit: "no memory for new series or samples out of order: raise --memory.limit"
        }
    }
}
