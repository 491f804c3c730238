import Durable
import MetricStorage
import PromQL

/// Makes series of native histograms whose counts grow, or wander where they are gauges.
struct HistogramSource {
    enum Kind: CaseIterable, Sendable {
        case integer, float, gauge, floatGauge, custom, customFloat

        var isFloat: Bool { self == .float || self == .floatGauge || self == .customFloat }
        var isGauge: Bool { self == .gauge || self == .floatGauge }
        var isCustom: Bool { self == .custom || self == .customFloat }
    }

    let kind: Kind
    private var random: SplitMix64
    private var positive: [Int32: UInt64] = [:]
    private var negative: [Int32: UInt64] = [:]
    private var zero: UInt64 = 0

    init(_ kind: Kind, seed: UInt64 = 1) {
        self.kind = kind
        random = SplitMix64(seed: seed)
    }

    /// Forgets all counts, as a process that starts anew does.
    mutating func restart() { (positive, negative, zero) = ([:], [:], 0) }

    mutating func next() -> StoredHistogram {
        for _ in 0..<random.next() % 6 {
            positive[Int32(random.next() % 8) * (kind.isCustom ? 1 : 3), default: 0] += random.next() % 50
        }
        if !kind.isCustom {
            negative[-Int32(random.next() % 5), default: 0] += random.next() % 3
            zero += random.next() % 4
        }
        if kind.isGauge, let some = positive.keys.sorted().first { positive[some] = random.next() % 20 }
        var histogram = StoredHistogram(isFloat: kind.isFloat)
        func number(_ count: UInt64) -> UInt64 { kind.isFloat ? (Double(count) / 4).bitPattern : count }
        histogram.hint = kind.isGauge ? .gauge : .unknown
        histogram.layout.schema = kind.isCustom ? NativeHistogram.customSchema : 3
        histogram.layout.zeroThreshold = kind.isCustom ? 0 : 0.001
        histogram.layout.customBounds = kind.isCustom ? [0.1, 0.25, 1, 2.5, 5, 1e9] : []
        (histogram.layout.positiveSpans, histogram.positive) = Self.spans(positive.mapValues(number))
        (histogram.layout.negativeSpans, histogram.negative) = Self.spans(negative.mapValues(number))
        let total = positive.values.reduce(zero, +) + negative.values.reduce(0, +)
        histogram.count = number(total)
        histogram.zeroCount = number(zero)
        histogram.sum = Double(total) * 0.37
        return histogram
    }

    private static func spans(_ buckets: [Int32: UInt64]) -> ([StoredHistogram.Span], [UInt64]) {
        var spans: [StoredHistogram.Span] = []
        var end: Int32 = 0
        for index in buckets.keys.sorted() {
            if !spans.isEmpty, index == end {
                spans[spans.count - 1].length += 1
            } else {
                spans.append(.init(offset: index - end, length: 1))
            }
            end = index + 1
        }
        return (spans, buckets.sorted { $0.key < $1.key }.map(\.value))
    }
}
