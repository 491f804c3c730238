package import MartletCore

/// Which streams are wanted, and what of them is looked at.
package struct LogStreamSelection: Sendable {
    /// What a reader looks at.
    package enum Detail: Sendable, Hashable {
        /// Labels: what streams have need not be told.
        case labels
        /// What streams have in neighbouring ranges of time of `step` nanoseconds, which begin with the selection; the last
        /// ends with it. A step of `Int64.max` is one range.
        case shares(step: Int64)
    }

    /// Streams that pass one of the lists; all when there is none.
    package var matchers: [[Matcher]]
    /// First wanted time, nanoseconds, inclusive.
    package let start: Int64
    /// Last wanted time, nanoseconds, exclusive.
    package let end: Int64
    /// What the reader looks at.
    package let detail: Detail

    /// Streams with entries in `start..<end`.
    package init(matching matchers: [[Matcher]], start: Int64, end: Int64, _ detail: Detail = .shares(step: .max)) {
        self.matchers = matchers
        self.start = start
        self.end = end
        self.detail = detail
    }

    /// The times that are wanted; nil when there are none.
    package var range: ClosedRange<Int64>? { start < end ? start...end - 1 : nil }

    /// Whether a stream passes.
    package func passes(_ labels: Labels) -> Bool {
        matchers.isEmpty || matchers.contains { $0.allSatisfy { $0.matches(labels) } }
    }
}
