/// Why a sample was not taken. The texts are those that Prometheus' clients know.
package enum SampleRejection: Sendable, Hashable, CustomStringConvertible {
    /// Older than the series' last sample.
    case outOfOrder
    /// At the time of the series' last sample, with another value.
    case duplicate
    /// Older than what the head accepts.
    case outOfBounds
    /// The reference names no series, or one that was dropped.
    case unknownSeries
    /// The series would be new and the memory budget is used up.
    case memoryLimit

    /// The reason as an API tells it.
    package var description: String {
        switch self {
        case .outOfOrder: "out of order sample"
        case .duplicate: "duplicate sample for timestamp"
        case .outOfBounds: "out of bounds"
        case .unknownSeries: "unknown series reference"
        case .memoryLimit: "no memory for new series: raise --memory.limit or send fewer series"
        }
    }
}
