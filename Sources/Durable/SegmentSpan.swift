/// The segments of the record log that a file of a store stands for.
package struct SegmentSpan: Sendable, Hashable, Comparable {
    /// The first segment.
    package let first: Int
    /// The last segment.
    package let last: Int
    /// Counts how often the file was written again by itself, without what had to go.
    package let revision: Int

    /// The file of the segments `first` to `last`.
    package init(first: Int, last: Int, revision: Int = 0) {
        self.first = first
        self.last = last
        self.revision = revision
    }

    /// By first segment, then by last, then by revision.
    package static func < (a: SegmentSpan, b: SegmentSpan) -> Bool {
        (a.first, a.last, a.revision) < (b.first, b.last, b.revision)
    }

    /// The same for the file that comes in this one's place.
    package var revised: SegmentSpan { SegmentSpan(first: first, last: last, revision: revision + 1) }

    /// Whether what `other` stands for is part of what this one stands for, and this one came later.
    package func replaces(_ other: SegmentSpan) -> Bool {
        if first == other.first, last == other.last { return revision > other.revision }
        return first <= other.first && other.last <= last
    }
}
