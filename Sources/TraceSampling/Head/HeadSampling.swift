/// How head sampling is configured: names, defaults and meaning are those of the OpenTelemetry Collector's
/// `probabilistic_sampler` processor for traces.
package struct HeadSampling: Sendable, Hashable {
    /// Where a span's luck comes from, and what the percentage is of.
    package enum Mode: String, CaseIterable, Sendable {
        /// A hash of the trace's id and a seed.
        case hashSeed = "hash_seed"
        /// The id's own randomness; the percentage is of the spans that come.
        case proportional
        /// The id's own randomness; the percentage is of all spans there were, also of those that others left out.
        case equalizing
    }

    /// Percent of the traces that are kept: none with 0, all with 100 and more.
    package var percentage: Float
    /// Where a span's luck comes from.
    package var mode: Mode
    /// What is hashed before the id.
    package var seed: UInt32
    /// Hexadecimal digits of thresholds, 1 to 14.
    package var precision: Int
    /// Whether spans whose tracestate contradicts itself, or the mode, are left out.
    package var failsClosed: Bool

    /// The defaults, for a percentage.
    package init(percentage: Float) {
        self.percentage = percentage
        mode = .hashSeed
        seed = 0
        precision = 4
        failsClosed = true
    }
}
