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
