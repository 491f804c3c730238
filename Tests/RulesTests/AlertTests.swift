import MartletCore
import Rules
import Testing

@Suite("Alerting rules")
struct AlertTests {
    private static let minute: Int64 = 60_000

    private func state(_ group: RuleGroup) -> String {
        group.rules[0].activeAlerts.map(\.state.rawValue).joined(separator: ",")
    }

    @Test("an alert is pending, fires after its time, and is resolved")
    func life() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group(
            "  - {alert: A, expr: 'm > 0', for: 2m, labels: {s: p}, annotations: {v: 'is {{ $value }} on {{ $labels.i }}'}}"
        )
        let series = "ALERTS{alertname=\"A\",i=\"1\",s=\"p\",alertstate=\"%\"}"
        for minute in 0...2 {
            try fixture.add("m{i=\"1\"}", Int64(minute) * Self.minute, Double(minute + 1))
            await group.evaluate(atMs: Int64(minute) * Self.minute)
        }
        #expect(try fixture.value(series.replacing("%", with: "pending"), 0) == "1")
        #expect(try fixture.value(series.replacing("%", with: "pending"), 2 * Self.minute) == "stale")
        #expect(try fixture.value(series.replacing("%", with: "firing"), 2 * Self.minute) == "1")
        #expect(
            try fixture.value("ALERTS_FOR_STATE{alertname=\"A\",i=\"1\",s=\"p\"}", 2 * Self.minute) == "0")
        let alert = try #require(group.rules[0].activeAlerts.first)
        #expect(alert.state == .firing)
        #expect(alert.annotations["v"] == "is 3 on 1")
        #expect(alert.firedAtMs == 2 * Self.minute)

        try fixture.add("m{i=\"1\"}", 3 * Self.minute, 0)
        await group.evaluate(atMs: 3 * Self.minute)
        #expect(group.rules[0].activeAlerts.isEmpty)
        #expect(group.rules[0].alertState == .inactive)
        #expect(try fixture.value(series.replacing("%", with: "firing"), 3 * Self.minute) == "stale")

        let sent = fixture.sent.withLock { $0 }
        #expect(sent.count == 2)
        #expect(sent[0].startsAtMs == 2 * Self.minute)
        #expect(sent[0].endsAtMs == 6 * Self.minute)
        #expect(sent[0].labels == Labels([("alertname", "A"), ("i", "1"), ("s", "p")]))
        #expect(sent[0].generatorURL == "/graph?g0.expr=m+%3E+0&g0.tab=1")
        #expect(sent[1].endsAtMs == 3 * Self.minute)
    }

    @Test("a pending alert whose expression fails to hold begins anew")
    func interrupted() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group("  - {alert: A, expr: 'm > 0', for: 2m}")
        for (minute, value) in [1.0, 0, 1, 1].enumerated() {
            try fixture.add("m", Int64(minute) * Self.minute, value)
            await group.evaluate(atMs: Int64(minute) * Self.minute)
        }
        #expect(group.rules[0].activeAlerts.first?.activeAtMs == 2 * Self.minute)
        #expect(state(group) == "pending")
    }

    @Test("keep_firing_for keeps an alert firing, and its expression ends that")
    func keepFiring() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group("  - {alert: A, expr: 'm > 0', keep_firing_for: 3m}")
        var states: [String] = []
        for (minute, value) in [1.0, 0, 0, 1, 0, 0, 0, 0].enumerated() {
            try fixture.add("m", Int64(minute) * Self.minute, value)
            await group.evaluate(atMs: Int64(minute) * Self.minute)
            let alert = group.rules[0].activeAlerts.first
            states.append(alert.map { $0.keepFiringSinceMs == nil ? "f" : "k" } ?? "-")
        }
        #expect(states.joined() == "fkkfkkk-")
    }

    @Test("alerts are sent again after the resend delay")
    func resend() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group("  - {alert: A, expr: '1'}", intervalMs: 20_000)
        for step in 0..<7 { await group.evaluate(atMs: Int64(step) * 20_000) }
        // At 0, and when more than a minute has passed.
        #expect(fixture.sent.withLock { $0.count } == 2)
    }

    @Test("more alerts than the limit clear the rule")
    func limit() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group("  - {alert: A, expr: 'm'}\n  limit: 1")
        try fixture.add("m{i=\"1\"}", 0, 1)
        await group.evaluate(atMs: 0)
        #expect(state(group) == "firing")
        try fixture.add("m{i=\"2\"}", 0, 1)
        await group.evaluate(atMs: Self.minute)
        #expect(group.rules[0].status.lastError == "exceeded limit of 1 with 2 alerts")
        #expect(group.rules[0].activeAlerts.isEmpty)
    }

    @Test("alerts that become the same by their labels are refused")
    func duplicates() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group("  - {alert: A, expr: 'm', labels: {i: x}}")
        try fixture.add("m{i=\"1\"}", 0, 1)
        try fixture.add("m{i=\"2\"}", 0, 1)
        await group.evaluate(atMs: 0)
        #expect(
            group.rules[0].status.lastError
                == "vector contains metrics with the same labelset after applying alert labels")
    }

    @Test("templates can query")
    func query() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group(
            "  - {alert: A, expr: 'm', annotations: {n: '{{ with query \"count(m)\" }}{{ . | first | value }}{{ end }}'}}"
        )
        try fixture.add("m{i=\"1\"}", 0, 1)
        try fixture.add("m{i=\"2\"}", 0, 1)
        await group.evaluate(atMs: 0)
        #expect(group.rules[0].activeAlerts.map { $0.annotations["n"] } == ["2", "2"])
    }

    @Test("a reload keeps alerts as they are")
    func reload() async throws {
        let fixture = RuleFixture()
        let old = try fixture.group("  - {alert: A, expr: '1', for: 2m}")
        await old.evaluate(atMs: 0)
        let new = try fixture.group("  - {alert: A, expr: '2', for: 1m, annotations: {a: b}}", replacing: old)
        await new.evaluate(atMs: Self.minute)
        let alert = try #require(new.rules[0].activeAlerts.first)
        #expect(alert.activeAtMs == 0)
        #expect(alert.state == .firing)
        #expect(alert.annotations["a"] == "b")
    }
}
