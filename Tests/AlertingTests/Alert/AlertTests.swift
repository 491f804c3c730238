import Alerting
import MartletCore
import Testing

@Suite("Alerts")
struct AlertTests {
    @Test(
        "have Prometheus' fingerprints",
        arguments: [
            (["alertname": "a", "severity": "critical"], "b2d965ea3bb5f5d5"),
            (["alertname": "a", "severity": "warning"], "ad6251e3301055f0"),
            (["alertname": "b", "foo": "abc", "i": "2", "severity": "critical"], "109403600f5e4039"),
            ([:], "cbf29ce484222325"),
        ])
    func fingerprint(_ labels: [String: String], _ expected: String) {
        #expect(Fingerprint(Labels(labels.map { ($0.key, $0.value) })).description == expected)
    }

    @Test("told twice keep the earlier start and the newer text")
    func mergeStart() {
        var store = AlertStore()
        _ = store.put(alert(["a": "b"], from: at(0), until: at(60)), now: at(0))
        var second = alert(["a": "b"], from: at(10), until: at(90), told: at(10))
        second.annotations = ["text": "new"]
        let merged = store.put(second, now: at(10))
        #expect(merged.startsAt == at(0))
        #expect(merged.endsAt == at(90))
        #expect(merged.annotations == ["text": "new"])
    }

    @Test("keep an end that a client gave over one that is only guessed")
    func mergeEnd() {
        var store = AlertStore()
        _ = store.put(alert(["a": "b"], from: at(0), until: at(600)), now: at(0))
        var guessed = alert(["a": "b"], from: at(1), until: at(300), told: at(1))
        guessed.isTimeout = true
        #expect(store.put(guessed, now: at(1)).endsAt == at(600))
        let resolved = alert(["a": "b"], from: at(1), until: at(2), told: at(3))
        #expect(store.put(resolved, now: at(3)).endsAt == at(2))
    }

    @Test("of different times are different occurrences")
    func occurrences() {
        var store = AlertStore()
        _ = store.put(alert(["a": "b"], from: at(0), until: at(10)), now: at(0))
        #expect(store.put(alert(["a": "b"], from: at(20), until: at(30)), now: at(20)).startsAt == at(20))
        #expect(store.count == 1)
    }

    @Test("leave the store once they are over")
    func garbage() {
        var store = AlertStore()
        _ = store.put(alert(["a": "1"], from: at(0), until: at(10)), now: at(0))
        _ = store.put(alert(["a": "2"], from: at(0), until: at(30)), now: at(0))
        #expect(store.collectGarbage(now: at(20)) == [Fingerprint(Labels([("a", "1")]))])
        #expect(store.count == 1)
    }
}
