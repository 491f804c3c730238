import Alerting
import MartletCore
import Testing

@Suite("A receiver is told again")
struct NotificationRecordTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var last: (firing: Set<UInt64>, resolved: Set<UInt64>)? = nil
        let firing: Set<UInt64>
        var resolved: Set<UInt64> = []
        var sendResolved = true
        var now = at(60)
        let expected: Bool
    }

    @Test(
        "when there is news",
        arguments: [
            Case(testDescription: "of a first alert", firing: [1], expected: true),
            Case(testDescription: "not of an end that nobody heard of", firing: [], resolved: [1], expected: false),
            Case(testDescription: "of one more alert", last: ([1], []), firing: [1, 2], expected: true),
            Case(testDescription: "not of the same alerts", last: ([1, 2], []), firing: [1, 2], expected: false),
            Case(testDescription: "not of fewer alerts alone", last: ([1, 2], []), firing: [1], expected: false),
            Case(testDescription: "of an end", last: ([1, 2], []), firing: [1], resolved: [2], expected: true),
            Case(
                testDescription: "not of an end that is not to be told", last: ([1, 2], []), firing: [1], resolved: [2],
                sendResolved: false, expected: false),
            Case(
                testDescription: "of the end of all", last: ([1], []), firing: [], resolved: [1], sendResolved: false,
                expected: true),
            Case(
                testDescription: "not of the end of all twice", last: ([], [1]), firing: [], resolved: [1],
                expected: false),
            Case(testDescription: "after repeat_interval", last: ([1], []), firing: [1], now: at(3601), expected: true),
        ])
    func needsUpdate(_ test: Case) {
        func set(_ values: Set<UInt64>) -> Set<Fingerprint> { Set(values.map { Fingerprint(value: $0) }) }
        let last = test.last.map {
            NotificationRecord(
                timestamp: at(0), firing: set($0.firing), resolved: set($0.resolved), expiresAt: at(9999))
        }
        #expect(
            NotificationRecord.needsUpdate(
                last: last, firing: set(test.firing), resolved: set(test.resolved), sendResolved: test.sendResolved,
                repeatInterval: 3600 * second, now: test.now) == test.expected)
    }

    @Test("Entries come back from their bytes, and cut ones are refused")
    func codec() {
        let entry = NotificationRecord(
            timestamp: at(0), firing: [Fingerprint(value: 1), Fingerprint(value: .max)],
            resolved: [Fingerprint(value: 7)],
            expiresAt: at(5))
        #expect(NotificationRecord(entry.bytes) == entry)
        for length in 0..<entry.bytes.count { #expect(NotificationRecord(Array(entry.bytes[..<length])) == nil) }
        #expect(NotificationRecord([UInt8](repeating: 0xFF, count: 64)) == nil)
    }
}

@Suite("A webhook's message")
struct WebhookMessageTests {
    @Test("is version 4 of Alertmanager's format")
    func body() throws {
        var first = alert(["alertname": "b", "i": "1"], from: at(0))
        first.annotations = ["x": "y", "only": "one"]
        first.generatorURL = "http://x"
        var second = alert(["alertname": "b", "i": "2"], from: at(0), until: at(10))
        second.annotations = ["x": "y"]
        let third = alert(["alertname": "b", "i": "3"], from: at(0))
        let alerts = [(first, false), (second, true), (third, false)].map {
            (fingerprint: $0.0.fingerprint, alert: $0.0, isResolved: $0.1)
        }
        let bytes = WebhookMessage.body(
            receiver: "hook", groupKey: "{}:{}", groupLabels: Labels([("alertname", "b")]), alerts: alerts, limit: 2,
            externalURL: "http://am")
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(
            text
                == #"{"receiver":"hook","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"b","i":"1"},"annotations":{"only":"one","x":"y"},"startsAt":"2027-01-15T08:00:00Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://x","fingerprint":""#
                + first.fingerprint.description
                + #""},{"status":"resolved","labels":{"alertname":"b","i":"2"},"annotations":{"x":"y"},"startsAt":"2027-01-15T08:00:00Z","endsAt":"2027-01-15T08:00:10Z","generatorURL":"","fingerprint":""#
                + second.fingerprint.description
                + #""}],"groupLabels":{"alertname":"b"},"commonLabels":{"alertname":"b"},"commonAnnotations":{"x":"y"},"externalURL":"http://am","version":"4","groupKey":"{}:{}","truncatedAlerts":1}"#
                + "\n")
    }

    @Test("says resolved when all are over")
    func resolved() throws {
        let over = alert(["a": "b"], from: at(0), until: at(1))
        let bytes = WebhookMessage.body(
            receiver: "r", groupKey: "k", groupLabels: Labels(), alerts: [(over.fingerprint, over, true)], limit: 0,
            externalURL: "")
        #expect(try JSONValue(parsing: bytes)["status"]?.string == "resolved")
    }

    @Test("Waiting times grow by half up to their bound")
    func backoff() {
        var backoff = Backoff(first: 1, longest: 2)
        #expect(
            [backoff.next(random: 0.5), backoff.next(random: 0.5), backoff.next(random: 0.5), backoff.next(random: 1)]
                == [1, 1.5, 2, 3])
    }
}
