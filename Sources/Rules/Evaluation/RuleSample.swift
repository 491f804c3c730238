package import MartletCore
package import PromQL
import SampleMath

/// A sample that a rule made.
package struct RuleSample: Sendable {
    package var labels: Labels
    /// Milliseconds since 1970.
    package var timeMs: Int64
    package var value: Double
    package var histogram: NativeHistogram?

    /// Whether it says that the series has ended.
    package var isEnd: Bool { histogram == nil && StaleNaN.isStale(value) }

    /// A float.
    package init(labels: Labels, timeMs: Int64, value: Double) {
        self.labels = labels
        self.timeMs = timeMs
        self.value = value
    }
}

/// Takes what rules make: a store, or another process.
package protocol RuleSink: Sendable {
    /// Appends samples. Those that cannot be taken are named by their index; the others are kept. May block.
    func append(_ samples: [RuleSample]) throws -> [RuleRejection]
}

/// Why a sample was not taken.
package struct RuleRejection: Sendable {
    /// Index of the sample.
    package let index: Int
    package let reason: String
    /// True when the sample is merely too late: older than what there is, or a second one for its time.
    package let isLate: Bool

    /// A refusal.
    package init(index: Int, reason: String, isLate: Bool) {
        self.index = index
        self.reason = reason
        self.isLate = isLate
    }
}
