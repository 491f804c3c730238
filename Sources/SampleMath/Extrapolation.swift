/// How a difference between the outer samples of a window is extended to the window's edges.
///
/// An edge is reached when the outer sample is about as close to it as samples are to each other; otherwise the series
/// is taken to end half such a distance beyond its outer sample.
package struct Extrapolation: Sendable {
    /// Seconds between first and last sample.
    fileprivate let sampled: Double
    private let average: Double
    private let toStart: Double
    private let toEnd: Double
    private let rangeSeconds: Double
    private let lastTime: Int64

    /// Times and width in milliseconds; the window is (end - range, end].
    package init(firstTime: Int64, lastTime: Int64, count: Int, end: Int64, range: Int64) {
        self.lastTime = lastTime
        sampled = Double(lastTime - firstTime) / 1000
        average = count > 1 ? sampled / Double(count - 1) : 0
        toStart = Double(firstTime - (end - range)) / 1000
        let gap = Double(end - lastTime) / 1000
        toEnd = gap >= average * 1.1 ? average / 2 : gap
        rangeSeconds = Double(range) / 1000
    }

    /// What the difference is multiplied by. `zeroAt` says how far before the first sample, in sampled intervals, the
    /// counter would have been zero.
    package func factor(perSecond: Bool, zeroAt: Double) -> Double {
        var start = beforeFirst
        let toZero = sampled * zeroAt
        if toZero < start { start = toZero }
        return factor(perSecond, sampled, start)
    }

    /// Seconds that are taken to be counted before the first sample, where the counter was not zero within them.
    fileprivate var beforeFirst: Double { toStart >= average * 1.1 ? average / 2 : toStart }

    /// The same for a counter that was zero at `start`.
    package func factor(perSecond: Bool, since start: Int64) -> Double {
        factor(perSecond, Double(lastTime - start) / 1000, 0)
    }

    private func factor(_ perSecond: Bool, _ sampled: Double, _ start: Double) -> Double {
        let factor = sampled == 0 ? 1 : (sampled + start + toEnd) / sampled
        return perSecond ? factor / rangeSeconds : factor
    }
}

/// Extends the differences of one window after the other. Samples that come at a steady pace lie in them in the same way
/// again and again: what depends on their times alone is kept from one window to the next, and with it all divisions.
struct Extrapolator {
    private let perSecond: Bool
    /// Milliseconds, of the windows.
    private let range: Int64
    /// How the samples lay in the last window: milliseconds between the outer ones, from the last to the window's end, and
    /// their number.
    private var shape: (sampled: Int64, toEnd: Int64, count: Int) = (-1, 0, 0)
    private var extrapolation = Extrapolation(firstTime: 0, lastTime: 0, count: 0, end: 0, range: 1)
    /// The factor for what was not zero shortly before the window's first sample.
    private var factor = 1.0
    /// `Extrapolation.beforeFirst`, and a little more.
    private var reach = 0.0

    init(perSecond: Bool, range: Int64) {
        self.perSecond = perSecond
        self.range = range
    }

    /// The difference as it is over the whole window. A counter has its first value in the window, which is infinite for what
    /// is none. Times in milliseconds.
    @inline(__always)
    mutating func extend(
        _ difference: Double, counterFrom firstValue: Double, firstTime: Int64, lastTime: Int64, count: Int, end: Int64
    ) -> Double {
        let (sampled, toEnd) = (lastTime &- firstTime, end &- lastTime)
        if sampled != shape.sampled || toEnd != shape.toEnd || count != shape.count {
            shape = (sampled, toEnd, count)
            extrapolation = Extrapolation(
                firstTime: firstTime, lastTime: lastTime, count: count, end: end, range: range)
            factor = extrapolation.factor(perSecond: perSecond, zeroAt: .infinity)
            reach = extrapolation.beforeFirst * 1.000_001
        }
        guard difference > 0, firstValue >= 0 else { return difference * factor }
        // Whether the counter was zero within reach is a division of its own. This tells without, but where it is close or
        // where products are too small or too large to tell.
        let needed = difference * reach
        if needed > 1e-280, firstValue * extrapolation.sampled > needed { return difference * factor }
        return difference * extrapolation.factor(perSecond: perSecond, zeroAt: firstValue / difference)
    }
}
