/// What can be computed from the samples of one series inside a time window.
package enum RangeFunction: Sendable, Hashable {
    // Differences, extrapolated to the window's edges as Prometheus does.
    case rate, increase, delta
    // From the last two samples.
    case irate, idelta
    case sum, avg, min, max, count, first, last, present, stddev, stdvar
    case changes, resets
    /// Slope per second by least squares.
    case deriv
    /// Median absolute deviation.
    case mad
    /// Times in seconds of certain samples.
    case timeOfFirst, timeOfLast, timeOfMin, timeOfMax
    /// Parameter: φ.
    case quantile
    /// Parameter: seconds from the window's end.
    case predictLinear
    /// Parameters: smoothing and trend factor.
    case doubleExponentialSmoothing
}
