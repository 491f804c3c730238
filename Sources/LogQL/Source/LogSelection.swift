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

    /// What a reader looks at.
    package enum Text: Sendable, Hashable {
        /// Neither lines nor their lengths: the source may give empty ones.
        case none
        /// The lines' lengths: the source may leave out their bytes.
        case lengths
        /// The lines.
        case lines
    }

    /// What the reader looks at.
    package var text: Text
    /// The labels that the reader looks at, nil for all of them: the source may leave out metadata that cannot be one.
    package var labels: Set<String>?
    /// What is known of lines that pass the reader.
    package var hints: [FieldHint]
    /// What is known of stored labels of entries that pass the reader.
    package var labelHints: [LabelHint]
    /// Whether a stream is still looked at, by the labels that the source has for it; nil for all that pass the matchers. The
    /// source leaves out streams that are not, and may ask again before it reads more of one.
    package var isWanted: (@Sendable (Labels) -> Bool)?

    /// A wish for entries in `start..<end`.
    package init(
        matchers: [Matcher], start: Int64, end: Int64, lineFilters: [LineFilter] = [],
        direction: Direction = .backward, text: Text = .lines, hints: [FieldHint] = [],
        labelHints: [LabelHint] = []
    ) {
        self.hints = hints
        self.labelHints = labelHints
        self.matchers = matchers
        self.start = start
        self.end = end
        self.lineFilters = lineFilters
        self.direction = direction
        self.text = text
    }

    /// Whether a stream passes.
    package func passes(_ labels: Labels) -> Bool {
        matchers.allSatisfy { $0.matches(labels) } && isWanted?(labels) ?? true
    }
}
