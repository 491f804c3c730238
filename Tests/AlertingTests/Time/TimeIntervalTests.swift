import Alerting
import MartletCore
import Testing

@Suite("Time intervals")
struct TimeIntervalTests {
    private func interval(_ yaml: String) throws -> TimeInterval {
        let config = try config(
            "receivers: [{name: r}]\nroute: {receiver: r}\ntime_intervals:\n- name: i\n  time_intervals:\n  - \(yaml)\n"
        )
        return try #require(config.timeIntervals["i"]?.first)
    }

    @Test(
        "hold when all their parts do",
        arguments: [
            ("{times: [{start_time: '09:00', end_time: '17:00'}]}", "2026-11-20T09:00:00Z", true),
            ("{times: [{start_time: '09:00', end_time: '17:00'}]}", "2026-11-20T17:00:00Z", false),
            ("{times: [{start_time: '22:00', end_time: '24:00'}]}", "2026-11-20T23:59:59Z", true),
            ("{weekdays: ['monday:friday']}", "2026-11-20T12:00:00Z", true),
            ("{weekdays: ['monday:friday']}", "2026-11-21T12:00:00Z", false),
            ("{weekdays: ['saturday', 'Sunday']}", "2026-11-21T12:00:00Z", true),
            ("{days_of_month: ['1:5', '-3:-1']}", "2026-11-28T12:00:00Z", true),
            ("{days_of_month: ['1:5', '-3:-1']}", "2026-11-27T12:00:00Z", false),
            ("{days_of_month: ['31']}", "2026-11-30T12:00:00Z", false),
            ("{days_of_month: ['28:31']}", "2026-11-30T12:00:00Z", true),
            ("{months: ['november:december']}", "2026-11-20T12:00:00Z", true),
            ("{months: ['1:3']}", "2026-11-20T12:00:00Z", false), ("{years: ['2026']}", "2026-11-20T12:00:00Z", true),
            ("{years: ['2020:2025']}", "2026-11-20T12:00:00Z", false),
            ("{weekdays: [friday], months: [november], years: ['2026:2027']}", "2026-11-20T12:00:00Z", true),
            (
                "{times: [{start_time: '00:00', end_time: '01:00'}], location: Europe/Berlin}", "2026-11-20T23:30:00Z",
                true
            ),
            (
                "{times: [{start_time: '00:00', end_time: '01:00'}], location: Europe/Berlin}", "2026-07-20T22:30:00Z",
                true
            ),
            ("{weekdays: [sunday], location: Asia/Tokyo}", "2026-11-21T16:00:00Z", true),
        ])
    func contains(_ yaml: String, _ time: String, _ expected: Bool) throws {
        let moment = try #require(RFC3339.parse(time))
        #expect(try interval(yaml).contains(moment.seconds) == expected)
    }

    @Test(
        "that cannot be are refused",
        arguments: [
            "{times: [{start_time: '17:00', end_time: '09:00'}]}", "{times: [{start_time: '9:00', end_time: '10:00'}]}",
            "{times: [{start_time: '09:00', end_time: '24:01'}]}", "{weekdays: ['someday']}",
            "{weekdays: ['friday:monday']}",
            "{days_of_month: ['0']}", "{days_of_month: ['32']}", "{days_of_month: ['-1:5']}", "{months: ['13']}",
            "{location: 'Mars/Phobos'}", "{location: '../../etc/passwd'}", "{unknown: 1}",
        ])
    func refused(_ yaml: String) {
        #expect(throws: (any Error).self) { try interval(yaml) }
    }
}

@Suite("Time zones")
struct TimeZoneFileTests {
    @Test(
        "are as far off UTC as their files and rules say",
        arguments: [
            ("Europe/Berlin", "2026-01-15T12:00:00Z", 3600), ("Europe/Berlin", "2026-07-15T12:00:00Z", 7200),
            ("Europe/Berlin", "2026-03-29T00:59:59Z", 3600), ("Europe/Berlin", "2026-03-29T01:00:00Z", 7200),
            ("Europe/Berlin", "2060-10-31T01:00:00Z", 3600), ("America/New_York", "2050-07-04T12:00:00Z", -14400),
            ("Australia/Sydney", "2050-01-15T12:00:00Z", 39600), ("Asia/Kolkata", "2026-01-15T12:00:00Z", 19800),
            ("UTC", "2026-01-15T12:00:00Z", 0),
        ])
    func offset(_ name: String, _ time: String, _ expected: Int) throws {
        let zone = try #require(TimeZoneFile(named: name))
        #expect(zone.offset(at: try #require(RFC3339.parse(time)).seconds) == expected)
    }

    @Test("A file cut at any byte is refused or still answers")
    func truncated() throws {
        var bytes = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
        for count in [0, 0, 0, 1, 1, 4] as [UInt8] { bytes += [0, 0, 0, count] }
        bytes += [0, 0, 0, 1, 0] + [0, 0, 14, 16, 0, 0] + Array("CET\0".utf8)
        bytes += Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
        for count in [0, 0, 0, 1, 1, 4] as [UInt8] { bytes += [0, 0, 0, count] }
        bytes += [0, 0, 0, 0, 0, 0, 0, 1, 0] + [0, 0, 14, 16, 0, 0] + Array("CET\0\nCET-1\n".utf8)
        #expect(TimeZoneFile(bytes)?.offset(at: 5) == 3600)
        for length in 0..<bytes.count {
            if let zone = TimeZoneFile(Array(bytes[..<length])) { #expect(abs(zone.offset(at: 5)) <= 3600) }
        }
    }

    @Test(
        "Rules that are none are refused",
        arguments: ["", "C", "CET", "CET-1CEST,M3.5", "CET-1CEST,M13.5.0,M10.5.0", "CET-99"])
    func badRule(_ text: String) {
        #expect(PosixZone(text) == nil)
    }
}
