/// Names a series in the head and in the write-ahead log. Numbers count up from 1 and are never used twice, so that a
/// reference that outlived its series is recognised as such.
package struct SeriesRef: Hashable, Comparable, Sendable {
    /// The number; 0 is no series.
    package let raw: UInt32

    /// A reference from its number.
    package init(raw: UInt32) {
        self.raw = raw
    }

    /// No series.
    package static let none = SeriesRef(raw: 0)

    /// Order of birth.
    package static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }
}
