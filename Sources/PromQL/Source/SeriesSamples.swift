package import SampleMath

/// All samples of one series: floats and native histograms, each in order of time. No time occurs twice.
///
/// Callers keep one of these and let sources append to it, so that a query allocates for its longest series only.
package struct SeriesSamples: Sendable {
    package var floats = SampleColumns()
    /// When counting began for each float, in milliseconds, 0 where that is not known; empty when it is for none.
    package var floatStartTimestamps: [Int64] = []
    package var histograms = HistogramColumns()

    package init() {}

    /// Adds one float, which must be newer than all floats before it.
    package mutating func append(_ timestamp: Int64, _ value: Double, startTimestamp: Int64 = 0) {
        if startTimestamp != 0 || !floatStartTimestamps.isEmpty {
            floatStartTimestamps += repeatElement(0, count: floats.count - floatStartTimestamps.count)
            floatStartTimestamps.append(startTimestamp)
        }
        floats.append(timestamp, value)
    }

    package var isEmpty: Bool { floats.isEmpty && histograms.isEmpty }

    /// Forgets all samples and keeps the memory.
    package mutating func removeAll() {
        floats.removeAll()
        floatStartTimestamps.removeAll(keepingCapacity: true)
        histograms.removeAll()
    }
}

extension SeriesSamples {
    /// What a query is charged for holding them.
    var weight: Int { floats.count + histograms.weight }

    /// Takes the staleness markers out, as range selectors do.
    mutating func removeStaleMarkers() {
        if floatStartTimestamps.isEmpty {
            floats.removeStaleMarkers()
        } else if floats.values.contains(where: StaleNaN.isStale) {
            let kept = floats.values.indices.filter { !StaleNaN.isStale(floats.values[$0]) }
            floatStartTimestamps = kept.map { floatStartTimestamps[$0] }
            floats.removeStaleMarkers()
        }
        histograms.removeStaleMarkers()
    }

    /// Forgets when counting began.
    mutating func removeStartTimestamps() {
        floatStartTimestamps.removeAll(keepingCapacity: true)
        histograms.removeStartTimestamps()
    }
}
