/// A place in a log: a segment's number and a byte offset in its file.
package struct RecordPosition: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Number of the segment; its file name is the number in 8 digits.
    package var segment: Int
    /// Bytes from the start of the segment's file.
    package var offset: Int64

    /// A place in a log.
    package init(segment: Int, offset: Int64) {
        self.segment = segment
        self.offset = offset
    }

    /// Order of writing.
    package static func < (a: Self, b: Self) -> Bool { (a.segment, a.offset) < (b.segment, b.offset) }

    /// `00000007:1234`.
    package var description: String { "\(SegmentName.format(segment)):\(offset)" }
}
