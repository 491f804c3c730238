import PromQL
import SampleMath

extension SeriesSamples {
    /// The samples of both, in order of time; of two at one time the first one's stays.
    static func merged(_ first: SeriesSamples, _ second: SeriesSamples) -> SeriesSamples {
        if second.isEmpty { return first }
        if first.isEmpty { return second }
        var result = SeriesSamples()
        walk(first.floats.timestamps, second.floats.timestamps) { isFirst, index in
            let source = isFirst ? first : second
            result.append(
                source.floats.timestamps[index], source.floats.values[index],
                startTimestamp: source.floatStartTimestamps.isEmpty ? 0 : source.floatStartTimestamps[index])
        }
        var wasFirst = true
        walk(first.histograms.timestamps, second.histograms.timestamps) { isFirst, index in
            let source = isFirst ? first.histograms : second.histograms
            result.histograms.append(
                source.timestamps[index],
                isFirst == wasFirst ? source.values[index] : source.values[index].behindAnother,
                startTimestamp: source.startTimestamps.isEmpty ? 0 : source.startTimestamps[index])
            wasFirst = isFirst
        }
        return result
    }

    /// Sorts what somebody else has sent by time; of several samples at one time the first stays.
    mutating func putInOrder() {
        guard !Self.ascends(floats.timestamps) || !Self.ascends(histograms.timestamps) else { return }
        let given = self
        self = SeriesSamples()
        for index in Self.order(given.floats.timestamps) {
            append(
                given.floats.timestamps[index], given.floats.values[index],
                startTimestamp: given.floatStartTimestamps.isEmpty ? 0 : given.floatStartTimestamps[index])
        }
        for index in Self.order(given.histograms.timestamps) {
            histograms.append(
                given.histograms.timestamps[index], given.histograms.values[index].behindAnother,
                startTimestamp: given.histograms.startTimestamps.isEmpty ? 0 : given.histograms.startTimestamps[index])
        }
    }

    private static func ascends(_ times: [Int64]) -> Bool { zip(times, times.dropFirst()).allSatisfy { $0 < $1 } }

    /// The places of the times in their order, each time once.
    private static func order(_ times: [Int64]) -> [Int] {
        var last: Int64?
        return times.indices.sorted { (times[$0], $0) < (times[$1], $1) }.filter { index in
            defer { last = times[index] }
            return times[index] != last
        }
    }

    private static func walk(_ left: [Int64], _ right: [Int64], _ visit: (_ isLeft: Bool, _ index: Int) -> Void) {
        var (i, j) = (0, 0)
        while i < left.count || j < right.count {
            if j == right.count || (i < left.count && left[i] <= right[j]) {
                if j < right.count, left[i] == right[j] { j += 1 }
                visit(true, i)
                i += 1
            } else {
                visit(false, j)
                j += 1
            }
        }
    }
}
