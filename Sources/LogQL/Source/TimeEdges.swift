/// Times that cut a range into intervals: interval `i` holds what is later than edge `i - 1` and not later than edge `i`,
/// the last one what is later than all edges.
package struct TimeEdges: Sendable, Hashable {
    /// Nanoseconds, rising.
    package let times: [Int64]

    /// Edges at `times`, in any order.
    package init(_ times: some Sequence<Int64>) {
        var unique: [Int64] = []
        for time in times.sorted() where time != unique.last { unique.append(time) }
        self.times = unique
    }

    /// The interval that holds a time.
    package func interval(of time: Int64) -> Int {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Calls `body` with each interval that has times of `rows`, and with their rows. The times rise.
    package func forEachInterval<E: Error>(
        of timestamps: UnsafeBufferPointer<Int64>, _ rows: Range<Int>,
        _ body: (_ interval: Int, _ rows: Range<Int>) throws(E) -> Void
    ) throws(E) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            let interval = interval(of: timestamps[row])
            let end =
                interval == times.count
                ? rows.upperBound : Self.end(timestamps, row, rows.upperBound, notAfter: times[interval])
            try body(interval, row..<end)
            row = end
        }
    }

    /// Behind the last row whose time is not after `edge`. Steps of growing length find it near by in a few looks.
    private static func end(
        _ timestamps: UnsafeBufferPointer<Int64>, _ start: Int, _ limit: Int, notAfter edge: Int64
    ) -> Int {
        var low = start + 1
        var step = 1
        while low + step <= limit, timestamps[low + step - 1] <= edge {
            low += step
            step *= 2
        }
        var high = min(limit, low + step - 1)
        while low < high {
            let middle = (low + high) / 2
            if timestamps[middle] <= edge { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
