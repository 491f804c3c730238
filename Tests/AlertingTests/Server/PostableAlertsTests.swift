import Alerting
import MartletCore
import Testing

@Suite("Posted alerts")
struct PostableAlertsTests {
    private func parse(_ text: String) throws -> (alerts: [Alert], problems: [String]) {
        try PostableAlerts.parse(Array(text.utf8), now: at(0), resolveTimeout: 300 * second)
    }

    @Test("without times begin now and end after resolve_timeout")
    func defaults() throws {
        let (alerts, problems) = try parse(#"[{"labels":{"a":"b","empty":""},"annotations":{"x":""}}]"#)
        let alert = try #require(alerts.first)
        #expect(alert.startsAt == at(0))
        #expect(alert.endsAt == at(300))
        #expect(alert.isTimeout)
        #expect(alert.labels == Labels([("a", "b")]))
        #expect(alert.annotations == ["x": ""])
        #expect(problems.isEmpty)
    }

    @Test("take Go's zero time for none")
    func zero() throws {
        let alert = try #require(
            try parse(#"[{"labels":{"a":"b"},"startsAt":"0001-01-01T00:00:00Z","endsAt":"0001-01-01T00:00:00Z"}]"#)
                .alerts.first)
        #expect(alert.startsAt == at(0))
        #expect(alert.isTimeout)
    }

    @Test("of times beyond what nanoseconds hold are taken at the nearest")
    func farTimes() throws {
        let alert = try #require(
            try parse(#"[{"labels":{"a":"b"},"startsAt":"0999-01-01T00:00:00Z","endsAt":"9999-12-31T23:59:59Z"}]"#)
                .alerts.first)
        #expect(alert.startsAt == .min)
        #expect(alert.endsAt == .max)
        #expect(!alert.isTimeout)
    }

    @Test("may have ten thousand labels")
    func manyLabels() throws {
        let labels = (0..<10_000).map { "\"l\($0)\":\"\($0)\"" }.joined(separator: ",")
        #expect(try parse("[{\"labels\":{\(labels)}}]").alerts.map(\.labels.count) == [10_000])
    }

    @Test("that are wrong do not keep the others out")
    func mixed() throws {
        let (alerts, problems) = try parse(
            #"[{"labels":{}},{"labels":{"a":"b"}},{"labels":{"a":"c"},"startsAt":"2027-01-02T00:00:00Z","endsAt":"2027-01-01T00:00:00Z"}]"#
        )
        #expect(alerts.count == 1)
        #expect(problems == ["at least one label pair required", "start time must be before end time"])
    }

    @Test(
        "of no sensible shape are refused as a whole",
        arguments: [
            "", "{", "{}", "1", "[1]", #"[{"annotations":{}}]"#, #"[{"labels":{"a":1}}]"#,
            #"[{"labels":{"a":"b"},"endsAt":"soon"}]"#,
        ])
    func refused(_ text: String) {
        #expect(throws: PostableAlerts.Refusal.self) { try parse(text) }
    }

    @Test("cut at any byte are an error or alerts with labels")
    func truncated() {
        let text = Array(
            #"[{"labels":{"a":"b"},"annotations":{"c":"d"},"startsAt":"2027-01-01T00:00:00.5Z","generatorURL":"x"}]"#
                .utf8)
        for length in 0..<text.count {
            let parsed = try? PostableAlerts.parse(Array(text[..<length]), now: at(0), resolveTimeout: second)
            #expect(parsed == nil)
        }
    }
}
