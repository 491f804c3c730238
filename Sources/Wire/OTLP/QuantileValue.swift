extension OTLP {
    /// A quantile of a summary.
    package struct QuantileValue: Sendable, Hashable {
        /// From 0 to 1.
        package var quantile: Double
        /// The value at that quantile.
        package var value: Double

        /// Everything at its default unless given.
        package init(
            quantile: Double = 0,
            value: Double = 0
        ) {
            self.quantile = quantile
            self.value = value
        }
    }
}
