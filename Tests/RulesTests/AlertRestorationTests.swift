import MartletCore
import Rules
import Testing

@Suite("Alerts after a restart")
struct AlertRestorationTests {
    private static let minute: Int64 = 60_000

    /// Evaluates every minute from one to another.
    private func run(_ group: RuleGroup, _ minutes: ClosedRange<Int64>) async {
        for minute in minutes { await group.evaluate(atMs: minute * Self.minute) }
    }

    @Test("time as pending before the restart counts, time while down does not")
    func pending() async throws {
        let fixture = RuleFixture()
        let rule = "  - {alert: A, expr: '1', for: 30m}"
        await run(try fixture.group(rule), 0...20)
        // Down for ten minutes.
        let group = try fixture.group(rule, restores: true)
        await run(group, 30...31)
        #expect(try fixture.value("ALERTS_FOR_STATE{alertname=\"A\"}", 31 * Self.minute) == nil)
        group.restoreAlerts(nowMs: 31 * Self.minute)
        #expect(group.rules[0].activeAlerts.first?.activeAtMs == 11 * Self.minute)
        await run(group, 32...40)
        #expect(group.rules[0].activeAlerts.first?.state == .pending)
        await run(group, 41...41)
        #expect(group.rules[0].activeAlerts.first?.state == .firing)
    }

    @Test("what is no time in ALERTS_FOR_STATE is passed over", arguments: [.nan, .infinity, -1, 1.7e12, 1e300])
    func nonsense(value: Double) async throws {
        let fixture = RuleFixture()
        let rule = "  - {alert: A, expr: '1', for: 30m, keep_firing_for: 1h}"
        try fixture.add("ALERTS_FOR_STATE{alertname=\"A\"}", 20 * Self.minute, value)
        let group = try fixture.group(rule, restores: true)
        await run(group, 30...31)
        group.restoreAlerts(nowMs: 31 * Self.minute)
        #expect(group.rules[0].activeAlerts.first?.activeAtMs == 30 * Self.minute)
    }

    @Test("an alert that fired fires again at once")
    func firing() async throws {
        let fixture = RuleFixture()
        let rule = "  - {alert: A, expr: '1', for: 10m}"
        await run(try fixture.group(rule), 0...20)
        let group = try fixture.group(rule, restores: true)
        await run(group, 25...26)
        group.restoreAlerts(nowMs: 26 * Self.minute)
        await run(group, 27...27)
        #expect(group.rules[0].activeAlerts.first?.state == .firing)
        #expect(group.rules[0].activeAlerts.first?.activeAtMs == 0)
    }

    @Test("at least the grace period remains, and rules that wait less are not restored")
    func grace() async throws {
        let fixture = RuleFixture()
        let rule = "  - {alert: A, expr: '1', for: 20m}\n  - {alert: B, expr: '1', for: 9m}"
        await run(try fixture.group(rule), 0...15)
        let group = try fixture.group(rule, restores: true)
        await run(group, 20...21)
        group.restoreAlerts(nowMs: 21 * Self.minute)
        // Five minutes remain, but ten are granted.
        #expect(group.rules[0].activeAlerts.first?.activeAtMs == 11 * Self.minute)
        #expect(group.rules[1].activeAlerts.first?.activeAtMs == 20 * Self.minute)
    }

    @Test("what was active longer ago than the tolerance is not restored")
    func tolerance() async throws {
        let fixture = RuleFixture()
        let rule = "  - {alert: A, expr: '1', for: 30m}"
        await run(try fixture.group(rule), 0...20)
        let group = try fixture.group(rule, restores: true)
        await run(group, 90...91)
        group.restoreAlerts(nowMs: 91 * Self.minute)
        #expect(group.rules[0].activeAlerts.first?.activeAtMs == 90 * Self.minute)
    }

    @Test("an alert that only fired on does so for the rest of its time")
    func keepFiring() async throws {
        let fixture = RuleFixture()
        let rule =
            "  - {alert: A, expr: 'm > 0', keep_firing_for: 20m, annotations: {v: '{{ $value }}'}}"
        for minute in 0...10 { try fixture.add("m{i=\"1\"}", Int64(minute) * Self.minute, minute < 6 ? 7 : 0) }
        await run(try fixture.group(rule), 0...10)
        for minute in 12...30 { try fixture.add("m{i=\"1\"}", Int64(minute) * Self.minute, 0) }
        let group = try fixture.group(rule, restores: true)
        await run(group, 14...15)
        #expect(group.rules[0].activeAlerts.isEmpty)
        group.restoreAlerts(nowMs: 15 * Self.minute)
        let alert = try #require(group.rules[0].activeAlerts.first)
        #expect(alert.state == .firing)
        #expect(alert.activeAtMs == 0)
        #expect(alert.keepFiringSinceMs == 6 * Self.minute)
        #expect(alert.annotations["v"] == "7")
        await run(group, 16...25)
        #expect(group.rules[0].activeAlerts.first?.state == .firing)
        await run(group, 26...26)
        #expect(group.rules[0].activeAlerts.isEmpty)
    }

    @Test("an alert whose time to fire on passed while the server was down stays away")
    func keepFiringOver() async throws {
        let fixture = RuleFixture()
        let rule = "  - {alert: A, expr: 'm > 0', keep_firing_for: 5m}"
        for minute in 0...8 { try fixture.add("m", Int64(minute) * Self.minute, minute < 6 ? 1 : 0) }
        await run(try fixture.group(rule), 0...8)
        let group = try fixture.group(rule, restores: true)
        await run(group, 20...21)
        group.restoreAlerts(nowMs: 21 * Self.minute)
        #expect(group.rules[0].activeAlerts.isEmpty)
    }
}
