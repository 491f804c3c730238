import Moving
import Testing

@Suite("Moments of an import")
struct MoveTimeTests {
    @Test(
        "Times and ages are read, in the range whose nanoseconds can be counted",
        arguments: [
            ("1700000000", 1_700_000_000), ("2023-11-14T22:13:20Z", 1_700_000_000), ("1d", 1_699_913_600), ("99y", 0),
            ("9000000000", nil), ("-5", nil), ("9999-12-31T23:59:59Z", nil), ("1901-01-01T00:00:00Z", nil),
            ("soon", nil),
        ] as [(String, Int64?)])
    func read(_ text: String, _ seconds: Int64?) {
        #expect(MoveTime(text, nowSeconds: 1_700_000_000)?.seconds == seconds)
    }
}
