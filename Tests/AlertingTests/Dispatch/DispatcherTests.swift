import Alerting
import MartletCore
import Testing

@Suite("Groups of alerts")
struct DispatcherTests {
    private var dispatcher: Dispatcher

    init() throws {
        dispatcher = Dispatcher(
            routes: try routes("  group_by: [alertname]\n  group_wait: 30s\n  group_interval: 5m\n"))
    }

    @Test("wait group_wait for more alerts, then group_interval between notifications")
    mutating func timing() {
        dispatcher.insert(alert(["alertname": "x", "i": "1"], from: at(0)), now: at(0))
        dispatcher.insert(alert(["alertname": "x", "i": "2"], from: at(10)), now: at(10))
        #expect(dispatcher.nextDue == at(30))
        #expect(dispatcher.due(now: at(29)).isEmpty)
        let first = dispatcher.due(now: at(30))
        #expect(first.map(\.alerts.count) == [2])
        #expect(first.map(\.key) == [#"{}:{alertname="x"}"#])
        #expect(first.map(\.deadline) == [at(330)])
        // While it is told, nothing more is due, however late.
        #expect(dispatcher.due(now: at(1000)).isEmpty)
        dispatcher.finished(first[0], success: true)
        #expect(dispatcher.nextDue == at(330))
        #expect(dispatcher.due(now: at(330)).count == 1)
    }

    @Test("do not wait for an alert that has fired for longer already")
    mutating func old() {
        dispatcher.insert(alert(["alertname": "x"], from: at(-60)), now: at(0))
        #expect(dispatcher.due(now: at(0)).count == 1)
    }

    @Test("keep an ended alert until its end was told")
    mutating func resolved() {
        dispatcher.insert(alert(["alertname": "x"], from: at(0)), now: at(0))
        dispatcher.finished(dispatcher.due(now: at(30))[0], success: true)
        dispatcher.insert(alert(["alertname": "x"], from: at(0), until: at(60), told: at(60)), now: at(60))
        let failed = dispatcher.due(now: at(330))
        #expect(failed.first?.alerts.map(\.isResolved) == [true])
        dispatcher.finished(failed[0], success: false)
        let again = dispatcher.due(now: at(630))
        #expect(again.first?.alerts.map(\.isResolved) == [true])
        dispatcher.finished(again[0], success: true)
        #expect(dispatcher.all.isEmpty)
    }

    @Test("keep an alert that fires again while its end is told")
    mutating func refired() {
        dispatcher.insert(alert(["alertname": "x"], from: at(0)), now: at(0))
        dispatcher.finished(dispatcher.due(now: at(30))[0], success: true)
        dispatcher.insert(alert(["alertname": "x"], from: at(0), until: at(60)), now: at(60))
        let flush = dispatcher.due(now: at(330))[0]
        dispatcher.insert(alert(["alertname": "x"], from: at(331)), now: at(331))
        dispatcher.finished(flush, success: true)
        #expect(dispatcher.all.map(\.alerts.count) == [1])
    }

    @Test("are not made for an alert that is over")
    mutating func never() {
        dispatcher.insert(alert(["alertname": "x"], from: at(0), until: at(1)), now: at(2))
        #expect(dispatcher.all.isEmpty)
    }

    @Test("keep their clock and their unsaid ends over a reload")
    mutating func reload() throws {
        let ended = alert(["alertname": "y", "i": "1"], from: at(0), until: at(60))
        dispatcher.insert(alert(["alertname": "x"], from: at(0)), now: at(0))
        dispatcher.insert(alert(["alertname": "y", "i": "1"], from: at(0)), now: at(0))
        dispatcher.insert(alert(["alertname": "y", "i": "2"], from: at(0)), now: at(0))
        for flush in dispatcher.due(now: at(30)) { dispatcher.finished(flush, success: true) }
        dispatcher.insert(ended, now: at(60))
        dispatcher.reload(
            try routes("  group_by: [alertname]\n  group_interval: 7m\n"),
            alerts: [alert(["alertname": "x"], from: at(0)), alert(["alertname": "y", "i": "2"], from: at(0))],
            now: at(100))
        #expect(dispatcher.due(now: at(329)).isEmpty)
        let due = dispatcher.due(now: at(330))
        #expect(due.map(\.alerts.count) == [1, 2])
        #expect(due.map(\.deadline) == [at(750), at(750)])
    }

    @Test("keep an unsaid end over a reload also when nothing else is left of the group")
    mutating func reloadWithEndOnly() throws {
        dispatcher.insert(alert(["alertname": "x"], from: at(0)), now: at(0))
        for flush in dispatcher.due(now: at(30)) { dispatcher.finished(flush, success: true) }
        let ended = alert(["alertname": "x"], from: at(0), until: at(60))
        dispatcher.insert(ended, now: at(60))
        dispatcher.reload(
            try routes("  group_by: [alertname]\n  group_interval: 7m\n"), alerts: [ended], now: at(100))
        #expect(dispatcher.due(now: at(329)).isEmpty)
        #expect(dispatcher.due(now: at(330)).map { $0.alerts.map(\.isResolved) } == [[true]])
    }

    @Test("take alerts from the ends of time")
    mutating func farTimes() {
        dispatcher.insert(alert(["alertname": "x"], from: .max - 1, until: .max), now: at(0))
        dispatcher.insert(alert(["alertname": "y"], from: .min, until: .max), now: at(0))
        #expect(dispatcher.due(now: at(0)).map(\.key) == [#"{}:{alertname="y"}"#])
        #expect(dispatcher.due(now: at(30)).map(\.key) == [#"{}:{alertname="x"}"#])
    }

    @Test("by all labels are one per alert, by none one for all", arguments: [("['...']", 2), ("[]", 1)])
    mutating func groupBy(_ names: String, _ count: Int) throws {
        dispatcher = Dispatcher(routes: try routes("  group_by: \(names)\n"))
        for index in 1...2 {
            dispatcher.insert(alert(["alertname": "x", "i": "\(index)"], from: at(0)), now: at(0))
        }
        #expect(dispatcher.all.count == count)
    }
}

@Suite("Inhibition")
struct InhibitorTests {
    private let rules: [InhibitRule]

    init() throws {
        rules = try config(
            """
            receivers: [{name: r}]
            route: {receiver: r}
            inhibit_rules:
            - {source_matchers: [severity=critical], target_matchers: ['severity=~"warning|critical"'], equal: [name]}
            """
        ).inhibitRules
    }

    @Test(
        "holds while a firing source has equal labels",
        arguments: [
            (["severity": "critical", "name": "x"], ["severity": "warning", "name": "x"], true),
            (["severity": "critical", "name": "x"], ["severity": "warning", "name": "y"], false),
            (["severity": "critical"], ["severity": "warning"], true),
            (["severity": "critical"], ["severity": "warning", "name": "y"], false),
            (["severity": "critical", "name": "x", "i": "1"], ["severity": "critical", "name": "x", "i": "2"], false),
            (["severity": "warning", "name": "x"], ["severity": "warning", "name": "x", "i": "2"], false),
        ])
    func inhibits(_ source: [String: String], _ target: [String: String], _ expected: Bool) {
        var store = AlertStore()
        var inhibitor = Inhibitor(rules: rules)
        let firing = store.put(alert(source, from: at(0), until: at(100)), now: at(0))
        inhibitor.put(firing)
        let labels = alert(target, from: at(0)).labels
        #expect(inhibitor.inhibitors(of: labels, store: store, now: at(50)) == (expected ? [firing.fingerprint] : []))
        #expect(inhibitor.inhibitors(of: labels, store: store, now: at(100)).isEmpty)
        inhibitor.remove([firing.fingerprint])
        #expect(inhibitor.inhibitors(of: labels, store: store, now: at(50)).isEmpty)
    }
}
