import Delivery
import Durable
import Testing

@Suite("Retry policy")
struct RetryPolicyTests {
    private let policy = RetryPolicy(initial: .milliseconds(100), maximum: .seconds(5), retryAfterMaximum: .seconds(60))

    @Test(
        "doubles with jitter up to its maximum",
        arguments: [(0, 100), (1, 100), (2, 200), (3, 400), (6, 3200), (7, 5000), (50, 5000), (Int.max, 5000)])
    func backoff(failures: Int, milliseconds: Int) {
        var random = SplitMix64(seed: 3)
        var seen: Set<Duration> = []
        for _ in 0..<50 {
            let delay = policy.delay(failures: failures, retryAfter: nil, using: &random)
            #expect(delay <= .milliseconds(milliseconds))
            #expect(delay >= .milliseconds(milliseconds) / 2)
            seen.insert(delay)
        }
        #expect(seen.count > 10)
    }

    @Test("waits at least as long as it is asked to, within reason")
    func retryAfter() {
        var random = SplitMix64(seed: 3)
        #expect(policy.delay(failures: 1, retryAfter: .seconds(7), using: &random) == .seconds(7))
        #expect(policy.delay(failures: 1, retryAfter: .seconds(1 << 40), using: &random) == .seconds(60))
        #expect(policy.delay(failures: 9, retryAfter: .zero, using: &random) >= .milliseconds(2500))
    }

    @Test(
        "Retry-After is seconds or a date",
        arguments: [
            ("5", 5), ("0", 0), ("99999999999999999999", 1 << 40), ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
            ("Sun, 06 Nov 1994 08:48:00 GMT", 0), ("", nil), ("-1", nil), ("soon", nil),
            ("Sun, 31 Feb 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 25:49:37 GMT", nil), ("Sun, 06 Nov 1994 08:49:37 CET", nil),
        ] as [(String, Int?)])
    func header(text: String, seconds: Int?) {
        // 06 Nov 1994 08:49:00 GMT
        #expect(RetryAfter.parse(text, now: 784_111_740) == seconds.map { .seconds($0) })
    }
}
