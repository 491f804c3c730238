import Service
import Testing

@Suite("Moments in flags")
struct FlagTimeTests {
    private static let now: Int64 = 1_700_000_000_250_000_000

    @Test(
        "Times, ages and distances from now are read",
        arguments: [
            ("1700000000", 1_700_000_000_000_000_000), ("1700000000.5", 1_700_000_000_500_000_000),
            ("1700000000.1234567891", 1_700_000_000_123_456_789), ("2023-11-14T22:13:20.25Z", now),
            ("2023-11-15T00:13:20+02:00", 1_700_000_000_000_000_000), ("now", now), ("1h", now - 3_600_000_000_000),
            ("now-1h", now - 3_600_000_000_000), ("now-1h30m", now - 5_400_000_000_000),
            ("now+5m", now + 300_000_000_000), ("0", 0), ("99y", 0),
        ] as [(String, Int64)])
    func read(_ text: String, _ nanoseconds: Int64) {
        #expect(FlagTime(text, now: Self.now)?.nanoseconds == nanoseconds)
    }

    @Test(
        "What is no time, or none from 1970 to 2255, is refused",
        arguments: [
            "", "soon", "-5", "-1h", "now-", "now1h", "now--1h", "1.", ".5", "1.5.2", "9000000000", "1700000000000",
            "9999-12-31T23:59:59Z", "1901-01-01T00:00:00Z", "2023-11-14", "now+290y",
        ])
    func refused(_ text: String) {
        #expect(FlagTime(text, now: Self.now) == nil)
    }
}
