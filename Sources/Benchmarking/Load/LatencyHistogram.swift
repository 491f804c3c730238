/// Durations, counted in buckets that are 1/64 of their value wide: quantiles within 1 % in a fixed amount of memory, however
/// many there are (the layout of HdrHistogram, with a base of 2).
package struct LatencyHistogram: Sendable, Hashable {
    private static let bits = 6
    private static let perOctave = 1 << bits

    private var buckets = [Int64](repeating: 0, count: (64 - bits) * perOctave)
    private var least = Int64.max
    /// How many durations were recorded.
    package private(set) var count: Int64 = 0
    /// The longest, nanoseconds; 0 without any.
    package private(set) var maximum: Int64 = 0

    /// An empty histogram.
    package init() {}

    /// Records a duration in nanoseconds; a negative one is 0.
    package mutating func record(nanoseconds: Int64) {
        let value = max(0, nanoseconds)
        buckets[Self.bucket(value)] += 1
        count += 1
        maximum = max(maximum, value)
        least = min(least, value)
    }

    /// Records a duration.
    package mutating func record(_ duration: Duration) {
        record(nanoseconds: duration.nanoseconds)
    }

    /// The duration, in nanoseconds, that a share of all does not exceed; nil without any.
    package func quantile(_ share: Double) -> Int64? {
        guard count > 0 else { return nil }
        let rank = max(1, Int64((min(max(share, 0), 1) * Double(count)).rounded(.up)))
        var seen: Int64 = 0
        for (bucket, inside) in buckets.enumerated() where inside > 0 {
            seen += inside
            if seen >= rank { return min(max(Self.middle(bucket), least), maximum) }
        }
        return maximum
    }

    private static func bucket(_ value: Int64) -> Int {
        guard value >= perOctave else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount
        return (octave - bits + 1) << bits + Int(value >> Int64(octave - bits)) & (perOctave - 1)
    }

    private static func middle(_ bucket: Int) -> Int64 {
        guard bucket >= perOctave else { return Int64(bucket) }
        let shift = bucket >> bits - 1
        let low = Int64(perOctave + bucket & (perOctave - 1)) << Int64(shift)
        return low + (Int64(1) << Int64(shift)) / 2
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Seconds with their fraction.
    var seconds: Double { self / .seconds(1) }
}
