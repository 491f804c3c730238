import MartletCore
import Testing

@Suite("Durations")
struct DurationTests {
    @Test(
        "in Prometheus' syntax are read and written",
        arguments: [
            ("0", 0, "0s"), ("0s", 0, "0s"), ("5m", 300_000, "5m"), ("1h30m", 5_400_000, "1h30m"),
            ("90m", 5_400_000, "1h30m"),
            ("1y", 31_536_000_000, "1y"), ("1w", 604_800_000, "1w"), ("8d", 691_200_000, "8d"),
            ("15d", 1_296_000_000, "15d"),
            ("1d500ms", 86_400_500, "1d500ms"), ("324ms", 324, "324ms"), ("10y", 315_360_000_000, "10y"),
            ("1y2w3d4h5m6s7ms", 33_019_506_007, "382d4h5m6s7ms"),
        ] as [(String, Int64, String)])
    func prometheus(text: String, milliseconds: Int64, formatted: String) throws {
        #expect(try PrometheusDuration.parse(text) == milliseconds)
        #expect(PrometheusDuration.format(milliseconds) == formatted)
        #expect(try PrometheusDuration.parse(formatted) == milliseconds)
    }

    @Test(
        "in Prometheus' syntax are refused with its words",
        arguments: [
            ("", "empty duration string"), ("1", "not a valid duration string: \"1\""),
            ("1m1h", "not a valid duration string: \"1m1h\""), ("1.5h", "not a valid duration string: \"1.5h\""),
            ("-1s", "not a valid duration string: \"-1s\""), ("5mm", "not a valid duration string: \"5mm\""),
            ("1m2m", "not a valid duration string: \"1m2m\""), ("m", "not a valid duration string: \"m\""),
            ("99999999999999999999y", "duration out of range"), ("300y", "duration out of range"),
        ])
    func prometheusErrors(text: String, message: String) {
        let error = #expect(throws: DurationError.self) { try PrometheusDuration.parse(text) }
        #expect(error?.description == message)
    }

    @Test(
        "in Go's syntax are read and written",
        arguments: [
            ("0", 0, "0s"), ("300ms", 300_000_000, "300ms"), ("1h2m3.5s", 3_723_500_000_000, "1h2m3.5s"),
            ("-1.5h", -5_400_000_000_000, "-1h30m0s"), ("5us", 5000, "5µs"), ("1.5µs", 1500, "1.5µs"),
            ("7ns", 7, "7ns"),
            ("1m", 60_000_000_000, "1m0s"), ("+.5s", 500_000_000, "500ms"), ("1h0.25m", 3_615_000_000_000, "1h0m15s"),
            ("9223372036854775807ns", Int64.max, "2562047h47m16.854775807s"),
            ("-9223372036854775808ns", Int64.min, "-2562047h47m16.854775808s"),
        ] as [(String, Int64, String)])
    func go(text: String, nanoseconds: Int64, formatted: String) throws {
        #expect(try GoDuration.parse(text) == nanoseconds)
        #expect(GoDuration.format(nanoseconds) == formatted)
    }

    @Test(
        "in Go's syntax are refused with its words",
        arguments: [
            ("", "time: invalid duration \"\""), ("3", "time: missing unit in duration \"3\""),
            ("1d", "time: unknown unit \"d\" in duration \"1d\""), ("-", "time: invalid duration \"-\""),
            (".s", "time: invalid duration \".s\""), ("s", "time: invalid duration \"s\""),
            ("9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""),
            ("99999999999999999999h", "time: invalid duration \"99999999999999999999h\""),
        ])
    func goErrors(text: String, message: String) {
        let error = #expect(throws: DurationError.self) { try GoDuration.parse(text) }
        #expect(error?.description == message)
    }
}
