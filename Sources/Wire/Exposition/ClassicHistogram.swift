import MartletCore

/// Gathers the parts of a classic histogram, in any order, for a native one with the same bounds: Prometheus' rules
/// (`util/convertnhcb`).
package struct ClassicHistogram: Sendable {
    /// Why there is no histogram in what was gathered, in Prometheus' words.
    package enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        case boundIsNaN
        case negativeBucket(bound: Double, count: Double)
        case negativeCount(Double)
        case notCumulative(Double, Double)
        case countMismatch(count: Double, bound: Double, last: Double)

        package var description: String {
            let text = FloatText.general
            switch self {
            case .boundIsNaN: return "bucket boundary must not be NaN"
            case .negativeBucket(let bound, let count):
                return "bucket count must be non-negative: le=\(text(bound)), count=\(text(count))"
            case .negativeCount(let count): return "count must be non-negative: count=\(text(count))"
            case .notCumulative(let count, let below):
                return "count is not cumulative: \(text(count)) < \(text(below))"
            case .countMismatch(let count, let bound, let last):
                return "count mismatch: count=\(text(count)) != le=\(text(bound)) count=\(text(last))"
            }
        }
    }

    /// In the order in which they came, each with the observations up to its bound.
    private var buckets: [(bound: Double, count: Double)] = []
    private var isAscending = true
    private var count: Double?
    private var sum = 0.0
    /// The first fault of the parts; later ones add nothing.
    private var fault: Fault?

    /// Nothing gathered yet.
    package init() {}

    /// Forgets all parts.
    package mutating func removeAll() {
        buckets.removeAll(keepingCapacity: true)
        isAscending = true
        count = nil
        sum = 0
        fault = nil
    }

    /// Adds the number of observations up to a bound. Of equal bounds the first counts.
    package mutating func setBucket(_ bound: Double, _ observations: Double) {
        guard fault == nil else { return }
        if bound.isNaN { return fault = .boundIsNaN }
        if observations < 0 { return fault = .negativeBucket(bound: bound, count: observations) }
        if let last = buckets.last, last.bound >= bound { isAscending = false }
        buckets.append((bound, observations))
    }

    /// Adds the number of all observations.
    package mutating func setCount(_ observations: Double) {
        guard fault == nil else { return }
        if observations < 0 { return fault = .negativeCount(observations) }
        count = observations
    }

    /// Adds the sum of all observations.
    package mutating func setSum(_ sum: Double) {
        if fault == nil { self.sum = sum }
    }

    /// The native histogram: with whole counts when all are.
    package func native() throws(Fault) -> RemoteWrite.Histogram {
        if let fault { throw fault }
        var buckets = isAscending ? buckets : sorted()
        let total = count ?? buckets.last?.count ?? 0
        if buckets.last?.bound != .infinity { buckets.append((.infinity, total)) }
        for (below, above) in zip(buckets, buckets.dropFirst()) where above.count < below.count {
            throw .notCumulative(above.count, below.count)
        }
        let last = buckets[buckets.count - 1]
        guard total == last.count else { throw .countMismatch(count: total, bound: last.bound, last: last.count) }
        var histogram = RemoteWrite.Histogram()
        histogram.schema = -53
        histogram.sum = sum
        // Beyond 2^63 a count is no whole number of Go's.
        histogram.isFloat = !buckets.allSatisfy { $0.count == $0.count.rounded() && $0.count < 0x1p63 }
        histogram.customBounds = buckets.dropLast().map(\.bound)
        histogram.positiveSpans = [.init(length: UInt32(buckets.count))]
        func bits(_ number: Double) -> UInt64 { histogram.isFloat ? number.bitPattern : UInt64(number) }
        histogram.count = bits(total)
        var before = 0.0
        for bucket in buckets {
            histogram.positive.append(bits(bucket.count - before))
            before = bucket.count
        }
        return histogram
    }

    /// The buckets by bound, one of each.
    private func sorted() -> [(bound: Double, count: Double)] {
        let ordered = buckets.enumerated().sorted { a, b in
            a.element.bound == b.element.bound ? a.offset < b.offset : a.element.bound < b.element.bound
        }
        var result: [(bound: Double, count: Double)] = []
        for (_, bucket) in ordered where result.last?.bound != bucket.bound { result.append(bucket) }
        return result
    }
}
