/// Lays the times of a load of known size evenly over a range of the past.
package struct TimeSpread: Sendable, Hashable {
    /// Of the first item, Unix nanoseconds.
    package let start: Int64
    /// From the first item to the end of the range, nanoseconds.
    package let length: Int64
    /// How many times there are.
    package let count: Int64

    /// `count` times from `start` on.
    package init(start: Int64, length: Int64, count: Int64) {
        self.start = start
        self.length = length
        self.count = max(count, 1)
    }

    /// The time of an item, Unix nanoseconds. Ascends with the number.
    package func time(of item: Int64) -> Int64 {
        // Lengths stay far below 2⁵³ nanoseconds, 104 days.
        start + Int64(Double(item) / Double(count) * Double(length))
    }
}
