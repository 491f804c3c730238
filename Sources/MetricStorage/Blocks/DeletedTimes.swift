import SampleMath

/// The deleted times of a series: intervals with both ends included, ascending, apart from each other.
struct DeletedTimes: Hashable {
    private(set) var intervals: [ClosedRange<Int64>] = []

    var isEmpty: Bool { intervals.isEmpty }

    /// Adds an interval and joins those that then touch.
    mutating func add(_ interval: ClosedRange<Int64>) {
        var joined = interval
        var kept: [ClosedRange<Int64>] = []
        for other in intervals {
            if Self.touch(other, joined) {
                joined = min(other.lowerBound, joined.lowerBound)...max(other.upperBound, joined.upperBound)
            } else {
                kept.append(other)
            }
        }
        let place = kept.firstIndex { $0.lowerBound > joined.lowerBound } ?? kept.count
        kept.insert(joined, at: place)
        intervals = kept
    }

    /// Whether all of a span is deleted.
    func covers(_ start: Int64, _ end: Int64) -> Bool {
        intervals.contains { $0.lowerBound <= start && end <= $0.upperBound }
    }

    /// Whether any of a span is deleted.
    func touches(_ start: Int64, _ end: Int64) -> Bool {
        intervals.contains { $0.lowerBound <= end && start <= $0.upperBound }
    }

    /// Takes the deleted samples out of the columns from an index on.
    func remove(from columns: inout SampleColumns, at start: Int) {
        guard !intervals.isEmpty else { return }
        var kept = start
        var next = 0
        for index in start..<columns.count {
            let time = columns.timestamps[index]
            while next < intervals.count, intervals[next].upperBound < time { next += 1 }
            if next < intervals.count, intervals[next].contains(time) { continue }
            columns.timestamps[kept] = time
            columns.values[kept] = columns.values[index]
            kept += 1
        }
        columns.timestamps.removeLast(columns.timestamps.count - kept)
        columns.values.removeLast(columns.values.count - kept)
    }

    private static func touch(_ a: ClosedRange<Int64>, _ b: ClosedRange<Int64>) -> Bool {
        let (earlier, later) = a.lowerBound <= b.lowerBound ? (a, b) : (b, a)
        let (next, overflow) = earlier.upperBound.addingReportingOverflow(1)
        return overflow || later.lowerBound <= next
    }
}
