/// How a difference between the outer samples of a window is extended to the window's edges.
///
/// An edge is reached when the outer sample is about as close to it as samples are to each other; otherwise the series
/// is taken to end half such a distance beyond its outer sample.
package struct Extrapolation: Sendable {
    /// Seconds between first and last sample.
    private let sampled: Double
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
        var start = toStart >= average * 1.1 ? average / 2 : toStart
        let toZero = sampled * zeroAt
        if toZero < start { start = toZero }
        return factor(perSecond, sampled, start)
    }

    /// The same for a counter that was zero at `start`.
    package func factor(perSecond: Bool, since start: Int64) -> Double {
        factor(perSecond, Double(lastTime - start) / 1000, 0)
    }

    private func factor(_ perSecond: Bool, _ sampled: Double, _ start: Double) -> Double {
        let factor = sampled == 0 ? 1 : (sampled + start + toEnd) / sampled
        return perSecond ? factor / rangeSeconds : factor
    }
}
