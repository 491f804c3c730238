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
