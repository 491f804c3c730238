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
