/// A span that stands for those that a series was computed from.
package struct MetricExemplar: Sendable {
    /// Whose span it is.
    package let traceID: (high: UInt64, low: UInt64)
    /// When the span starts, Unix nanoseconds.
    package let time: UInt64
    /// What the span adds to the series, in the series' unit; nil where the series counts spans.
    package var value: Double?
}
