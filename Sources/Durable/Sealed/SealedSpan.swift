/// Which part of what a store took a sealed file has: segments of the record log, and when their records arrived.
///
/// Segment numbers alone would not do: a store that lost everything counts anew.
package struct SealedSpan: Sendable, Hashable {
    /// Numbers of the record log's segments.
    package let segments: ClosedRange<Int>
    /// Unix nanoseconds of the first and the last arrival.
    package let arrivals: ClosedRange<Int64>
    /// How often a file of these segments was written again by itself, without what had to go: each comes in the place of
    /// the one before.
    package let revision: Int

    /// A span.
    package init(segments: ClosedRange<Int>, arrivals: ClosedRange<Int64>, revision: Int = 0) {
        self.segments = segments
        self.arrivals = arrivals
        self.revision = revision
    }

    /// Whether a file of this span comes in the place of one of `other`: it was merged from it, and from others, or is a later
    /// revision of it.
    package func covers(_ other: SealedSpan) -> Bool {
        if segments == other.segments, arrivals == other.arrivals { return revision >= other.revision }
        return segments.lowerBound <= other.segments.lowerBound && segments.upperBound >= other.segments.upperBound
            && arrivals.lowerBound <= other.arrivals.lowerBound && arrivals.upperBound >= other.arrivals.upperBound
    }

    /// Whether some of what `other` has is here too.
    package func overlaps(_ other: SealedSpan) -> Bool {
        segments.overlaps(other.segments) && arrivals.overlaps(other.arrivals)
    }
}
