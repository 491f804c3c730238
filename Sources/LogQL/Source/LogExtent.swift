/// Lines of a stream that lie together, such as a block: what is known of them without reading them.
package struct LogExtent: Sendable, Hashable {
    /// The time of the first line, and that of the last: there are lines of just these times.
    package var times: ClosedRange<Int64>
    /// Lines.
    package var lines: Int
    /// Bytes of lines and of the metadata sets that they have.
    package var bytes: Int
    /// What lies outside of this range of time does not count.
    package var window: ClosedRange<Int64>

    /// Memory that it takes.
    static let heldBytes = 48

    /// Lines that count where they lie in `window`.
    package init(times: ClosedRange<Int64>, lines: Int, bytes: Int, window: ClosedRange<Int64> = .min ... .max) {
        self.times = times
        self.lines = lines
        self.bytes = bytes
        self.window = window
    }

    /// What of it counts and lies in `range`, taken as evenly spread where it lies partly outside; nil when none of its time
    /// does.
    package func share(of range: ClosedRange<Int64>) -> (lines: Int, bytes: Int)? {
        let first = max(range.lowerBound, window.lowerBound)
        let last = min(range.upperBound, window.upperBound)
        guard first <= last, times.lowerBound <= last, times.upperBound >= first else { return nil }
        if first <= times.lowerBound, times.upperBound <= last { return (lines, bytes) }
        let inside = Double(min(last, times.upperBound)) - Double(max(first, times.lowerBound)) + 1
        let share = min(1, max(0, inside / (Double(times.upperBound) - Double(times.lowerBound) + 1)))
        return (Int((Double(lines) * share).rounded()), Int((Double(bytes) * share).rounded()))
    }

    /// When its lines are that count and lie in `range`, if there are any.
    package func times(in range: ClosedRange<Int64>) -> ClosedRange<Int64>? {
        let first = max(range.lowerBound, window.lowerBound, times.lowerBound)
        let last = min(range.upperBound, window.upperBound, times.upperBound)
        return first <= last ? first...last : nil
    }

    /// The same lines, which count only where they lie in `range`, too; nil when none of their time does.
    func within(_ range: ClosedRange<Int64>) -> LogExtent? {
        guard times(in: range) != nil else { return nil }
        var extent = self
        extent.window = max(window.lowerBound, range.lowerBound)...min(window.upperBound, range.upperBound)
        return extent
    }

    /// Whether a line is known to lie in `range` and not in `others`, and to count.
    func hasLine(in range: ClosedRange<Int64>, outside others: [ClosedRange<Int64>]) -> Bool {
        [times.lowerBound, times.upperBound].contains { time in
            range.contains(time) && window.contains(time) && !others.contains { $0.contains(time) }
        }
    }
}
