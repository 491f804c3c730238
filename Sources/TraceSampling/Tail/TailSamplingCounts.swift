/// How many traces were decided upon, and how.
package struct TailSamplingCounts: Sendable, Hashable {
    /// The decisions of one policy, or of all together.
    package struct Traces: Sendable, Hashable {
        /// What they are about; empty for all policies together.
        package let policy: String
        /// Traces that were to be kept.
        package private(set) var sampled = 0
        /// Traces that were not, and were not dropped.
        package private(set) var notSampled = 0
        /// Traces that a policy dropped.
        package private(set) var dropped = 0
        /// Conditions that could not be evaluated for a span.
        package internal(set) var failures = 0

        init(policy: String = "") {
            self.policy = policy
        }

        mutating func add(_ decision: SamplingDecision) {
            switch decision {
            case .sampled, .invertedSampled: sampled += 1
            case .notSampled, .invertedNotSampled: notSampled += 1
            case .dropped: dropped += 1
            }
        }
    }

    /// The final decisions.
    package internal(set) var all = Traces()
    /// What each policy said, in the order of evaluation.
    package internal(set) var policies: [Traces]
    /// Spans that were not kept.
    package internal(set) var discardedSpans = 0
    /// Traces that were decided upon before their time, since there were too many or they took too much memory.
    package internal(set) var earlyTraces = 0
    /// How long the decisions took.
    package internal(set) var time = Duration.zero

    init(policies: [String]) {
        self.policies = policies.map { Traces(policy: $0) }
    }
}
