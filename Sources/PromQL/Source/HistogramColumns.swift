import SampleMath

/// Native histogram samples of one series: times in milliseconds, ascending, and values.
package struct HistogramColumns: Sendable {
    package private(set) var timestamps: [Int64] = []
    package private(set) var values: [NativeHistogram] = []
    /// When counting began for each sample, in milliseconds, 0 where that is not known; empty when it is for none.
    package private(set) var startTimestamps: [Int64] = []

    package init() {}

    /// Number of samples.
    package var count: Int { timestamps.count }

    package var isEmpty: Bool { timestamps.isEmpty }

    /// Adds one sample, which must be newer than all before it. A histogram whose sum is the staleness marker is one.
    package mutating func append(_ timestamp: Int64, _ value: NativeHistogram, startTimestamp: Int64 = 0) {
        if startTimestamp != 0 || !startTimestamps.isEmpty {
            startTimestamps += repeatElement(0, count: count - startTimestamps.count)
            startTimestamps.append(startTimestamp)
        }
        timestamps.append(timestamp)
        values.append(value)
    }

    /// Forgets all samples and keeps the memory.
    package mutating func removeAll() {
        timestamps.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        startTimestamps.removeAll(keepingCapacity: true)
    }
}

extension HistogramColumns {
    /// What a query is charged for holding them.
    var weight: Int { values.reduce(0) { $0 + $1.weight } }

    /// Takes the staleness markers out.
    mutating func removeStaleMarkers() {
        guard values.contains(where: { StaleNaN.isStale($0.sum) }) else { return }
        let all = self
        removeAll()
        for position in all.values.indices where !StaleNaN.isStale(all.values[position].sum) {
            append(
                all.timestamps[position], all.values[position],
                startTimestamp: all.startTimestamps.isEmpty ? 0 : all.startTimestamps[position])
        }
    }

    /// Forgets what hints say about resets.
    mutating func forgetResets() {
        for position in values.indices where values[position].hint != .gauge { values[position].hint = .unknown }
    }

    /// Forgets when counting began.
    mutating func removeStartTimestamps() { startTimestamps.removeAll(keepingCapacity: true) }

    /// Leaves counts and sums only, and hints that say what the buckets would have said about resets.
    mutating func reduceToStatistics() {
        var previous: NativeHistogram?
        for position in values.indices {
            let histogram = values[position]
            if StaleNaN.isStale(histogram.sum) { continue }
            var hint = histogram.hint
            if hint == .unknown, let previous { hint = histogram.isReset(since: previous) ? .reset : .notReset }
            values[position] = NativeHistogram(
                hint: hint, schema: histogram.schema, count: histogram.count, sum: histogram.sum)
            previous = histogram
        }
    }
}
