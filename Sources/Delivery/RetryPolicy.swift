/// How long to wait before the next attempt: exponential backoff with full jitter on its upper half.
package struct RetryPolicy: Sendable {
    /// Before the second attempt.
    package var initial: Duration
    /// At most, however many attempts failed.
    package var maximum: Duration
    /// At most, whatever the receiver asks for.
    package var retryAfterMaximum: Duration
    /// Attempts to deliver a payload that a limit of the receiver stands against, before it is dropped; no end where none
    /// is given. Servers that are down or busy are waited for without end.
    package var attemptsAtLimit: [DeliveryLimit: Int] = [:]

    /// 500 ms doubling up to 30 s; Retry-After is honoured up to an hour, unless given.
    package init(
        initial: Duration = .milliseconds(500), maximum: Duration = .seconds(30),
        retryAfterMaximum: Duration = .seconds(3600)
    ) {
        self.initial = initial
        self.maximum = maximum
        self.retryAfterMaximum = retryAfterMaximum
    }

    /// The pause after `failures` failed attempts in a row (1 or more). What the receiver asked for is a lower bound, since
    /// waiting less would only be refused again.
    package func delay(
        failures: Int, retryAfter: Duration?, using random: inout some RandomNumberGenerator
    ) -> Duration {
        // Beyond 2^20 the maximum has long ruled.
        let doubled = initial * (1 << min(max(failures, 1) - 1, 20))
        let backoff = min(doubled, maximum)
        let jittered = backoff * Double.random(in: 0.5...1, using: &random)
        guard let retryAfter else { return jittered }
        return max(min(retryAfter, retryAfterMaximum), min(jittered, retryAfterMaximum))
    }
}
