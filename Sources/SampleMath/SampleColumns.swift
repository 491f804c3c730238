/// Samples of one series as two columns of equal length: times in milliseconds, ascending, and values.
///
/// A staleness marker is a value with the bits of `StaleNaN`. Callers keep one of these and let decoders append to it,
/// so that a query allocates for its longest series only.
package struct SampleColumns: Sendable {
    package var timestamps: [Int64] = []
    package var values: [Double] = []

    package init() {}

    package init(timestamps: [Int64], values: [Double]) {
        self.timestamps = timestamps
        self.values = values
    }

    /// Number of samples.
    @inlinable
    package var count: Int { timestamps.count }

    @inlinable
    package var isEmpty: Bool { timestamps.isEmpty }

    /// Adds one sample, which must be newer than all before it.
    @inlinable
    package mutating func append(_ timestamp: Int64, _ value: Double) {
        timestamps.append(timestamp)
        values.append(value)
    }

    /// Forgets all samples and keeps the memory.
    @inlinable
    package mutating func removeAll() {
        timestamps.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    @inlinable
    package mutating func reserve(_ count: Int) {
        timestamps.reserveCapacity(count)
        values.reserveCapacity(count)
    }
}

extension SampleColumns {
    /// There seldom are any: a look that never stops early takes several values at once.
    private var holdsStaleMarkers: Bool {
        values.withUnsafeBufferPointer { values in
            var found: UInt64 = 0
            var index = 0
            while index < values.count {
                found |= values[index].bitPattern == StaleNaN.bits ? 1 : 0
                index &+= 1
            }
            return found != 0
        }
    }

    /// Takes the staleness markers out, as range selectors do.
    package mutating func removeStaleMarkers() {
        guard holdsStaleMarkers, let first = values.firstIndex(where: StaleNaN.isStale) else { return }
        var kept = first
        for index in first + 1..<Swift.max(count, first + 1) where !StaleNaN.isStale(values[index]) {
            values[kept] = values[index]
            timestamps[kept] = timestamps[index]
            kept += 1
        }
        values.removeLast(values.count - kept)
        timestamps.removeLast(timestamps.count - kept)
    }

    /// Appends what a column of steps has, with the steps' times.
    package mutating func append(present column: UnsafeBufferPointer<Double>, at grid: StepGrid) {
        reserve(count + column.count)
        for step in column.indices where !Missing.isMissing(column[step]) { append(grid.time(step), column[step]) }
    }

    /// The first sample at or behind `start` that is newer than a time. Looks in strides that double, so that a narrow window
    /// costs a look or two and a wide one few.
    @inline(__always)
    func first(after time: Int64, from start: Int) -> Int {
        timestamps.withUnsafeBufferPointer { times in
            var low = start
            var stride = 1
            while low + stride <= times.count, times[low + stride - 1] <= time {
                low += stride
                stride *= 2
            }
            // What is looked for lies within the last stride.
            var high = min(low + stride - 1, times.count)
            while low < high {
                let middle = (low + high) / 2
                if times[middle] <= time { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }
}
