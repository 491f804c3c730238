import MartletCore
import Testing

@Suite("Times")
struct TimeTests {
    @Test(
        "in RFC 3339 are read",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T03:40:24Z", 1_795_232_424_000_000_000),
            ("2026-11-21T05:40:24+02:00", 1_795_232_424_000_000_000),
            ("2026-11-20t22:10:24.5-05:30", 1_795_232_424_500_000_000),
            ("1969-12-31T23:59:59.999999999Z", -1), ("2000-02-29T12:00:00.123456789012Z", 951_825_600_123_456_789),
            ("1900-03-01 00:00:00Z", -2_203_891_200_000_000_000),
        ] as [(String, Int64)])
    func parse(text: String, nanoseconds: Int64) {
        #expect(RFC3339.parse(text)?.unixNanoseconds == nanoseconds)
    }

    @Test(
        "that do not exist are refused",
        arguments: [
            "", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
            "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+0200", "2026-01-01T00:00:00Zx", "2026-1-01T00:00:00Z",
            "2026-01-01T00:00:00+25:00", "x026-01-01T00:00:00Z",
        ])
    func refuse(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test("refuse every truncation")
    func truncation() {
        let text = Array("2026-11-21T03:40:24.123+02:00".utf8)
        for length in 0..<text.count {
            #expect(text[..<length].withUnsafeBytes { RFC3339.parse($0) } == nil)
        }
    }

    @Test("are written in the wanted precision")
    func format() {
        #expect(RFC3339.format(unixNanoseconds: 0) == "1970-01-01T00:00:00Z")
        #expect(RFC3339.format(unixNanoseconds: -1) == "1969-12-31T23:59:59.999999999Z")
        #expect(RFC3339.format(unixNanoseconds: 1_500_000_000) == "1970-01-01T00:00:01.5Z")
        #expect(RFC3339.format(unixNanoseconds: 5, fraction: .nanoseconds) == "1970-01-01T00:00:00.000000005Z")
        #expect(RFC3339.format(unixNanoseconds: 5, fraction: .none) == "1970-01-01T00:00:00Z")
        #expect(TimestampMs(1_795_232_424_007).description == "2026-11-21T03:40:24.007Z")
        #expect(TimestampMs(-1).description == "1969-12-31T23:59:59.999Z")
    }

    @Test("read back what was written, day by day over centuries")
    func roundTrip() {
        var seconds: Int64 = -5_000_000_000
        while seconds < 8_000_000_000 {
            let text = RFC3339.format(unixNanoseconds: seconds * 1_000_000_000 + 7)
            #expect(RFC3339.parse(text) == RFC3339.Moment(seconds: seconds, nanosecond: 7))
            seconds += 86_400 * 13 + 4567
        }
    }

    @Test("know weekday, day of the year and length of the month")
    func calendar() {
        let leap = CivilTime(unixSeconds: 951_825_600)
        #expect((leap.year, leap.month, leap.day, leap.hour) == (2000, 2, 29, 12))
        #expect(leap.weekday == 2)
        #expect(leap.dayOfYear == 60)
        #expect(leap.daysInMonth == 29)
        #expect(CivilTime(unixSeconds: 0).weekday == 4)
        #expect(CivilTime(unixSeconds: -86_400).weekday == 3)
        #expect(CivilTime.daysInMonth(year: 1900, month: 2) == 28)
    }

    @Test(
        "of the API are read and written as seconds",
        arguments: [
            ("0", 0, "0"), ("1700000000.123", 1_700_000_000_123, "1700000000.123"), ("1.5", 1500, "1.500"),
            ("-1.001", -1001, "-1.001"), ("1970-01-01T00:00:02Z", 2000, "2"), ("1e3", 1_000_000, "1000"),
        ] as [(String, Int64, String)])
    func parameters(text: String, milliseconds: Int64, written: String) throws {
        let time = try #require(TimestampMs(parameter: text))
        #expect(time.rawValue == milliseconds)
        var out: [UInt8] = []
        time.appendSeconds(to: &out)
        #expect(String(decoding: out, as: UTF8.self) == written)
    }

    @Test("of the API are refused when they are none", arguments: ["", "now", "nan", "inf", "1e300"])
    func badParameters(text: String) {
        #expect(TimestampMs(parameter: text) == nil)
    }
}
