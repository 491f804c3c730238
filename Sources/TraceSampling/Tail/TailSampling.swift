/// How tail sampling is configured: names, defaults and meaning are those of the OpenTelemetry Collector's `tail_sampling`
/// processor.
package struct TailSampling: Sendable {
    /// Nanoseconds between the arrival of a trace's first span and the decision.
    package var wait: UInt64
    /// Undecided traces of a tenant beyond which the oldest are decided upon early; 0 for as many as memory allows.
    package var maxTraces: Int
    /// Ids of traces that were not sampled, which are remembered for late spans; 0 for a share of the memory.
    package var notSampledCacheSize: Int
    /// Whether the first policy that says `sampled` ends the evaluation.
    package var stopsAtFirstMatch: Bool
    /// The policies, in their order.
    package var policies: [SamplingPolicy]

    /// The defaults: a wait of 30 s, and what memory allows.
    package init(policies: [SamplingPolicy]) {
        wait = 30_000_000_000
        maxTraces = 0
        notSampledCacheSize = 0
        stopsAtFirstMatch = false
        self.policies = policies
    }
}
