import MartletCore
import Testing

@Suite("Go's time layouts")
struct GoTimeLayoutTests {
    private func time(_ seconds: Int64, _ nanosecond: Int = 0, zone: String = "UTC") throws -> ZonedTime {
        let zone = try #require(TimeZoneFile(named: zone))
        return ZonedTime(seconds: seconds, nanosecond: nanosecond, zone: zone.period(at: seconds))
    }

    @Test(
        "show times",
        arguments: [
            ("2006-01-02T15:04:05Z07:00", "2023-11-14T22:13:20Z"),
            ("Mon Jan _2 15:04:05 MST 2006", "Tue Nov 14 22:13:20 UTC 2023"),
            ("Monday, 02-Jan-06 3:04PM", "Tuesday, 14-Nov-23 10:13PM"), ("15:04:05.000", "22:13:20.012"),
            ("15:04:05.999999999", "22:13:20.0123"), ("002 __2 _2006 Janet", "318 318 _2023 Janet"),
            ("-0700 -07:00 Z0700", "+0000 +00:00 Z"),
            ("03:04:05 pm", "10:13:20 pm"),
        ])
    func format(layout: String, expected: String) throws {
        #expect(GoTimeLayout(layout).format(try time(1_700_000_000, 12_300_000)) == expected)
    }

    @Test("show times of a zone")
    func zoned() throws {
        let layout = GoTimeLayout("2006-01-02 15:04:05 -0700 MST Z07:00")
        #expect(layout.format(try time(1_700_000_000, zone: "Europe/Berlin")) == "2023-11-14 23:13:20 +0100 CET +01:00")
        #expect(
            layout.format(try time(1_690_000_000, zone: "America/New_York")) == "2023-07-22 00:26:40 -0400 EDT -04:00")
    }

    @Test(
        "read times",
        arguments: [
            ("2006-01-02T15:04:05Z07:00", "2023-11-14T22:13:20Z", 1_700_000_000_000_000_000),
            ("2006-01-02T15:04:05Z07:00", "2023-11-14T23:13:20.5+01:00", 1_700_000_000_500_000_000),
            ("2006-01-02 15:04:05", "2023-11-14   22:13:20,25", 1_700_000_000_250_000_000),
            ("02/Jan/2006:15:04:05 -0700", "14/Nov/2023:22:13:20 +0000", 1_700_000_000_000_000_000),
            ("Mon Jan _2 15:04:05 2006", "Tue Nov 14 22:13:20 2023", 1_700_000_000_000_000_000),
            ("Mon Jan _2 15:04:05 2006", "Wed Nov  1 22:13:20 2023", 1_698_876_800_000_000_000),
            ("3:04PM 1/2/06", "10:13pm 11/14/23", nil),
            ("3:04PM 1/2/06", "10:13PM 11/14/23", 1_699_999_980_000_000_000),
            ("2006 002", "2023 318", 1_699_920_000_000_000_000), ("2006-01-02", "2023-02-30", nil),
            ("2006-01-02", "2023-13-01", nil),
            ("15:04:05.000", "22:13:20.5", nil), ("2006-01-02", "2023-11-14x", nil), ("2006-01-02", "", nil),
            ("2006-01-02 MST", "2023-11-14 UTC", 1_699_920_000_000_000_000),
        ] as [(String, String, Int64?)])
    func parse(layout: String, text: String, expected: Int64?) {
        let time = GoTimeLayout(layout).parse(text)
        #expect(time.map { $0.seconds * 1_000_000_000 + Int64($0.nanosecond) } == expected)
    }

    @Test("read times of a zone, and of a year that is not in the text")
    func zonedParse() throws {
        let berlin = try #require(TimeZoneFile(named: "Europe/Berlin"))
        #expect(
            GoTimeLayout("2006-01-02 15:04:05").parse("2023-11-14 23:13:20", zone: berlin)?.seconds == 1_700_000_000)
        #expect(
            GoTimeLayout("2006-01-02 15:04:05").parse("2023-07-22 06:26:40", zone: berlin)?.seconds == 1_690_000_000)
        let syslog = GoTimeLayout("Jan _2 15:04:05")
        #expect(!syslog.hasYear)
        #expect(syslog.parse("Nov 14 22:13:20", year: 2023)?.seconds == 1_700_000_000)
    }
}
