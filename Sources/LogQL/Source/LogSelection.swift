package import MartletCore

/// One selector's wish.
package struct LogSelection: Sendable {
    /// Which end of time comes first.
    package enum Direction: String, Sendable, Hashable {
        case forward, backward
    }

    /// All must pass.
    package var matchers: [Matcher]
    /// First wanted time, nanoseconds, inclusive.
    package var start: Int64
    /// Last wanted time, nanoseconds, exclusive.
    package var end: Int64
    /// Filters on the stored line; the source drops lines that fail one.
    package var lineFilters: [LineFilter]
    /// Which batches come first.
    package var direction: Direction

    /// Whether the reader looks at lines; if not, the source may leave them out and give their lengths only.
    package var needsLines: Bool

    /// A wish for entries in `start..<end`.
    package init(
        matchers: [Matcher], start: Int64, end: Int64, lineFilters: [LineFilter] = [],
        direction: Direction = .backward, needsLines: Bool = true
    ) {
        self.matchers = matchers
        self.start = start
        self.end = end
        self.lineFilters = lineFilters
        self.direction = direction
        self.needsLines = needsLines
    }
}
