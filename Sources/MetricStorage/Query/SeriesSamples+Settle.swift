import PromQL
import SampleMath

extension SeriesSamples {
    /// How many samples there were at some moment.
    struct Mark {
        let floats: Int
        let histograms: Int
    }

    var mark: Mark { Mark(floats: floats.count, histograms: histograms.count) }

    /// Brings the samples from `middle` on, which were appended to those from `start` on, into one order with them.
    /// Both parts are ascending; of two samples at one time the earlier part's stays.
    mutating func settle(from middle: Mark, after start: Mark) {
        if floatStartTimestamps.isEmpty {
            floats.settle(from: middle.floats, after: start.floats)
        } else if middle.floats > start.floats, middle.floats < floats.count,
            floats.timestamps[middle.floats] <= floats.timestamps[middle.floats - 1]
        {
            let old = self
            floats = SampleColumns()
            floatStartTimestamps = []
            Self.merge(old.floats.timestamps, middle.floats, start.floats) {
                append(old.floats.timestamps[$0], old.floats.values[$0], startTimestamp: old.floatStartTimestamps[$0])
            }
        }
        guard middle.histograms > start.histograms, middle.histograms < histograms.count,
            histograms.timestamps[middle.histograms] <= histograms.timestamps[middle.histograms - 1]
        else { return }
        let old = histograms
        histograms.removeAll()
        var wasLater = false
        Self.merge(old.timestamps, middle.histograms, start.histograms) { index in
            let isLater = index >= middle.histograms
            histograms.append(
                old.timestamps[index],
                isLater == wasLater ? old.values[index] : old.values[index].behindAnother,
                startTimestamp: old.startTimestamps.isEmpty ? 0 : old.startTimestamps[index])
            wasLater = isLater
        }
    }

    /// Visits what lies before `start`, and then both parts in one order.
    private static func merge(_ times: [Int64], _ middle: Int, _ start: Int, _ visit: (Int) -> Void) {
        for index in 0..<start { visit(index) }
        var (left, right) = (start, middle)
        while left < middle || right < times.count {
            let takesLeft = right == times.count || (left < middle && times[left] <= times[right])
            if takesLeft, right < times.count, times[left] == times[right] { right += 1 }
            visit(takesLeft ? left : right)
            if takesLeft { left += 1 } else { right += 1 }
        }
    }

    /// Takes the deleted samples out of those behind a mark.
    mutating func remove(_ deleted: DeletedTimes, after start: Mark) {
        if floatStartTimestamps.isEmpty {
            deleted.remove(from: &floats, at: start.floats)
        } else {
            let old = self
            floats = SampleColumns()
            floatStartTimestamps = []
            for index in 0..<old.floats.count {
                let time = old.floats.timestamps[index]
                if index >= start.floats, deleted.covers(time, time) { continue }
                append(time, old.floats.values[index], startTimestamp: old.floatStartTimestamps[index])
            }
        }
        guard histograms.count > start.histograms else { return }
        let old = histograms
        histograms.removeAll()
        for index in 0..<old.count {
            let time = old.timestamps[index]
            if index >= start.histograms, deleted.covers(time, time) { continue }
            histograms.append(
                time, old.values[index], startTimestamp: old.startTimestamps.isEmpty ? 0 : old.startTimestamps[index])
        }
    }
}
