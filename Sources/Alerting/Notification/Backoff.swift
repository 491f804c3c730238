/// Waiting times between attempts: each half as long again, spread by half, up to a bound.
package struct Backoff: Sendable {
    private var current: Double
    private let longest: Double

    /// Seconds.
    package init(first: Double = 0.5, longest: Double = 60) {
        current = first
        self.longest = longest
    }

    /// The next time to wait, in seconds. `random` is within 0 and 1.
    package mutating func next(random: Double = .random(in: 0...1)) -> Double {
        let wait = current * (0.5 + random)
        current = min(longest, current * 1.5)
        return wait
    }
}
