/// How many shards a queue should have, as Prometheus decides it: as many as the time that sending takes asks for, and 5 % of
/// what is behind with every look. Rates are moving averages over looks, 10 s apart.
package struct ShardPlan: Sendable {
    /// What was counted since the last look.
    package struct Counts: Sendable {
        /// Samples read from the log, also those that relabelling drops.
        package var read: Int
        /// Samples that relabelling dropped.
        package var dropped: Int
        package var sent: Int
        /// Time that requests took, all shards together.
        package var sending: Duration

        /// Counts of one look.
        package init(read: Int = 0, dropped: Int = 0, sent: Int = 0, sending: Duration = .zero) {
            self.read = read
            self.dropped = dropped
            self.sent = sent
            self.sending = sending
        }
    }

    /// Between two looks.
    package static let interval = Duration.seconds(10)
    private static let smoothing = 0.2
    /// Changes smaller than this share are not made.
    private static let tolerance = 0.3

    private let minimum: Int
    private let maximum: Int
    private var read = 0.0
    private var dropped = 0.0
    private var sent = 0.0
    private var sending = 0.0
    private var hasRates = false
    /// What was asked for last, before the bounds.
    package private(set) var wanted = 0.0
    /// How many there should be.
    package private(set) var shards: Int

    /// The fewest shards, within bounds.
    package init(minimum: Int, maximum: Int) {
        self.minimum = minimum
        self.maximum = max(minimum, maximum)
        shards = minimum
        wanted = Double(minimum)
    }

    /// Looks at what happened since the last look.
    /// - Parameters:
    ///   - delay: seconds that the newest sample sent is behind the newest in the log.
    ///   - isMoving: whether anything was sent lately: with a receiver that is down more shards are of no use.
    package mutating func look(_ counts: Counts, delay: Double, isMoving: Bool) {
        let seconds = Self.interval / .seconds(1)
        smooth(&read, Double(counts.read) / seconds)
        smooth(&dropped, Double(counts.dropped) / seconds)
        smooth(&sent, Double(counts.sent) / seconds)
        smooth(&sending, counts.sending / .seconds(1) / seconds)
        hasRates = true
        guard sent > 0 else { return }
        let kept = sent / (sent + dropped)
        let incoming = read * kept
        wanted = sending / sent * (incoming + 0.05 * delay * incoming)
        let now = Double(shards)
        let whole = wanted.rounded(.up)
        guard whole < now * (1 - Self.tolerance) || whole > now * (1 + Self.tolerance) else { return }
        let target = min(max(Int(min(whole, 1e6)), minimum), maximum)
        // Who is behind keeps what helps to catch up.
        guard isMoving, target > shards || delay <= 10 else { return }
        shards = target
    }

    private func smooth(_ rate: inout Double, _ value: Double) {
        rate = hasRates ? Self.smoothing * value + (1 - Self.smoothing) * rate : value
    }
}
