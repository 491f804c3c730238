import MartletCore
import PromQL
import SampleMath

/// Samples of a series that came too late for their place, kept in order of time until a block takes them.
struct OutOfOrderSamples {
    private(set) var times: [Int64] = []
    private(set) var values: [UInt64] = []
    private(set) var histograms: [(time: Int64, value: StoredHistogram)] = []

    var isEmpty: Bool { times.isEmpty && histograms.isEmpty }
    var count: Int { times.count + histograms.count }
    var first: Int64 { min(times.first ?? .max, histograms.first?.time ?? .max) }
    /// Bytes of memory held, about.
    var memory: Int { 96 + times.count * 16 + histograms.reduce(0) { $0 + 256 + $1.value.positive.count * 16 } }

    /// Whether there are samples with `start <= t <= end`.
    func overlaps(_ start: Int64, _ end: Int64) -> Bool {
        let float = Self.place(times.count, start) { times[$0] }
        if float < times.count, times[float] <= end { return true }
        let histogram = Self.place(histograms.count, start) { histograms[$0].time }
        return histogram < histograms.count && histograms[histogram].time <= end
    }

    /// Takes a sample at the end; one at the last time or before it is left out.
    mutating func append(_ time: Int64, _ value: UInt64) {
        guard times.last.map({ $0 < time }) ?? true else { return }
        times.append(time)
        values.append(value)
    }

    /// Takes a native histogram in its place; false when there is a sample at its time already.
    mutating func insert(_ time: Int64, _ histogram: StoredHistogram) -> Bool {
        let place = Self.place(times.count, time) { times[$0] }
        guard place == times.count || times[place] != time, !hasHistogram(time) else { return false }
        histograms.insert((time, histogram), at: Self.place(histograms.count, time) { histograms[$0].time })
        return true
    }

    /// The samples with `start <= t < end`.
    func samples(from start: Int64, before end: Int64) -> OutOfOrderSamples {
        var result = OutOfOrderSamples()
        let range = Self.place(times.count, start) { times[$0] }..<Self.place(times.count, end) { times[$0] }
        result.times = Array(times[range])
        result.values = Array(values[range])
        result.histograms = histograms.filter { $0.time >= start && $0.time < end }
        return result
    }

    /// Takes in those of another that are not here, and gives how many.
    @discardableResult
    mutating func merge(_ other: OutOfOrderSamples) -> Int {
        let before = count
        if let first = other.times.first {
            // Most come in order among themselves: only what is here from their first on is walked over.
            let start = Self.place(times.count, first) { times[$0] }
            let (laterTimes, laterValues) = (Array(times[start...]), Array(values[start...]))
            times.removeSubrange(start...)
            values.removeSubrange(start...)
            var next = 0
            for (time, value) in zip(other.times, other.values) {
                while next < laterTimes.count, laterTimes[next] < time {
                    times.append(laterTimes[next])
                    values.append(laterValues[next])
                    next += 1
                }
                if next < laterTimes.count && laterTimes[next] == time || hasHistogram(time) { continue }
                times.append(time)
                values.append(value)
            }
            times.append(contentsOf: laterTimes[next...])
            values.append(contentsOf: laterValues[next...])
        }
        for (time, histogram) in other.histograms { _ = insert(time, histogram) }
        return count - before
    }

    /// Appends the samples with `start <= t <= end` for a query.
    func append(to samples: inout SeriesSamples, from start: Int64, to end: Int64) {
        for (time, value) in zip(times, values) where time >= start && time <= end {
            samples.append(time, Double(bitPattern: value))
        }
        for (time, histogram) in histograms where time >= start && time <= end {
            // What came in is consistent; resets within it are not known, since others lie between.
            guard var native = histogram.native else { continue }
            if native.hint != .gauge { native.hint = .unknown }
            samples.histograms.append(time, native)
        }
    }

    private func hasHistogram(_ time: Int64) -> Bool {
        let place = Self.place(histograms.count, time) { histograms[$0].time }
        return place < histograms.count && histograms[place].time == time
    }

    /// The first place of so many ascending times that is at or after `time`.
    private static func place(_ count: Int, _ time: Int64, _ at: (Int) -> Int64) -> Int {
        (0..<count).partitioningIndex { at($0) >= time }
    }
}
