/// A function over a log range.
package struct RangeAggregation: Sendable, Hashable {
    /// The function's name as LogQL has it.
    package enum Operation: String, Sendable, Hashable, CaseIterable {
        case count = "count_over_time"
        case rate
        case bytes = "bytes_over_time"
        case bytesRate = "bytes_rate"
        case absent = "absent_over_time"
        case rateCounter = "rate_counter"
        case sum = "sum_over_time"
        case avg = "avg_over_time"
        case min = "min_over_time"
        case max = "max_over_time"
        case stddev = "stddev_over_time"
        case stdvar = "stdvar_over_time"
        case first = "first_over_time"
        case last = "last_over_time"
        case quantile = "quantile_over_time"

        /// Whether the function takes `by` and `without`.
        var takesGrouping: Bool {
            switch self {
            case .count, .rate, .bytes, .bytesRate, .absent, .rateCounter, .sum: false
            default: true
            }
        }

        /// Whether it works over an unwrapped label only, over lines only, or (nil) over either.
        var needsUnwrap: Bool? {
            switch self {
            case .count, .bytes, .bytesRate: false
            case .rate, .absent: nil
            default: true
            }
        }

        /// Whether the sum of the results of parts is the result of the whole.
        var isAdditive: Bool {
            switch self {
            case .count, .rate, .bytes, .bytesRate, .sum: true
            default: false
            }
        }
    }

    package var operation: Operation
    /// φ of `quantile_over_time`.
    package var parameter: Double?
    package var range: LogRange
    package var grouping: Grouping?
}
