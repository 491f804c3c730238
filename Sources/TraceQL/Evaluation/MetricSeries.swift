/// A series of a metrics query.
package struct MetricSeries: Sendable {
    /// What tells it from others.
    package let labels: [(key: String, value: Value)]
    /// A value for each step; NaN where there is none.
    package var values: [Double]
    /// Some of the spans that the values were computed from.
    package var exemplars: [MetricExemplar] = []
}
