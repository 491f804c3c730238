import Durable
import LogServer
import MartletCore
import NIOHTTP1
import RemoteStorage
import Rules
import Service
import Testing

@Suite("Rules of the log server")
struct RulerTests {
    private static let alert =
        "- {name: g, rules: [{alert: Errors, expr: 'sum by (app) (count_over_time({app=\"shop\"} |= \"error\" [1h])) > 0', for: 20m, labels: {team: a}, annotations: {text: '{{ $labels.app }} has {{ $value }}'}}]}\n"

    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("ruler")
        try await body(directory.path)
        withExtendedLifetime(directory) {}
    }

    @Test("a rule finds the lines of its tenant")
    func evaluation() async throws {
        try await withDirectory { path in
            try RulerFixture.write(path, "fake/shop.yaml", Self.alert)
            let fixture = try await RulerFixture(path)
            #expect(try await fixture.push("an error") == 204)
            try await fixture.ruler.reload()
            let group = try #require(fixture.ruler.manager.groups.first)
            await group.evaluate(atMs: RulerFixture.nowMs)
            let alert = try #require(group.rules[0].activeAlerts.first)
            #expect(alert.labels == Labels([("alertname", "Errors"), ("app", "shop"), ("team", "a")]))
            #expect(alert.annotations["text"] == "shop has 1")
            #expect(alert.state == .pending)
            try await fixture.stop()
        }
    }

    @Test("tenants have rules and lines of their own")
    func tenants() async throws {
        try await withDirectory { path in
            try RulerFixture.write(path, "a/shop.yaml", Self.alert)
            try RulerFixture.write(path, "b/shop.yaml", Self.alert)
            try RulerFixture.write(path, "c/shop.yaml", Self.alert)
            let fixture = try await RulerFixture(path) {
                $0.isAuthEnabled = true
                $0.ruler.disabledTenants = ["c"]
            }
            #expect(try await fixture.push("an error", tenant: "a") == 204)
            try await fixture.ruler.reload()
            for group in fixture.ruler.manager.groups { await group.evaluate(atMs: RulerFixture.nowMs) }
            func alerts(_ tenant: String) async throws -> Int? {
                try await fixture.send(.GET, "/prometheus/api/v1/alerts", tenant: tenant)
                    .json["data"]?["alerts"]?.array?.count
            }
            #expect(try await alerts("a") == 1)
            #expect(try await alerts("b") == 0)
            #expect(try await fixture.rules(tenant: "b") == ["Errors"])
            #expect(try await fixture.rules(tenant: "c") == [])
            #expect(try await fixture.send(.GET, "/prometheus/api/v1/rules").status == 401)
            try await fixture.stop()
        }
    }

    @Test("a restart keeps since when an alert is active; time while the server was away does not count")
    func restart() async throws {
        try await withDirectory { path in
            let minute: Int64 = 60_000
            try RulerFixture.write(path, "fake/shop.yaml", Self.alert)
            do {
                let before = try await RulerFixture(path)
                #expect(try await before.push("an error", secondsAgo: 1800) == 204)
                try await before.ruler.reload()
                // The first start has nothing to restore; from then on the series of alerts are written.
                let old = try #require(before.ruler.manager.groups.first)
                await old.evaluate(atMs: RulerFixture.nowMs - 17 * minute)
                old.restoreAlerts(nowMs: RulerFixture.nowMs - 17 * minute)
                await old.evaluate(atMs: RulerFixture.nowMs - 10 * minute)
                try await before.stop()
            }

            let after = try await RulerFixture(path)
            try await after.ruler.reload()
            let new = try #require(after.ruler.manager.groups.first)
            await new.evaluate(atMs: RulerFixture.nowMs - 5 * minute)
            await new.evaluate(atMs: RulerFixture.nowMs - 4 * minute)
            new.restoreAlerts(nowMs: RulerFixture.nowMs - 4 * minute)
            let alert = try #require(new.rules[0].activeAlerts.first)
            // Pending for 7 of 20 minutes before, away for 6.
            #expect(alert.activeAtMs == (RulerFixture.nowMs - 11 * minute) / 1000 * 1000)
            try await after.stop()
        }
    }

    @Test("a damaged file of states begins alerts anew")
    func damage() async throws {
        try await withDirectory { path in
            try RulerFixture.write(path, "fake/shop.yaml", Self.alert)
            try DiskFileSystem().makeDirectories(path + "/ruler")
            try AtomicFile.publish(path + "/ruler/fake.json", Array("[{".utf8))
            let fixture = try await RulerFixture(path)
            try await fixture.ruler.reload()
            #expect(fixture.ruler.manager.groups.count == 1)
            try await fixture.stop()
        }
    }

    @Test("recorded series go to the log of what is to be sent")
    func recording() async throws {
        try await withDirectory { path in
            try RulerFixture.write(
                path, "fake/shop.yaml",
                "- {name: g, rules: [{record: 'shop:errors', expr: 'sum by (app) (count_over_time({app=\"shop\"}[1h]))'}]}\n"
            )
            let fixture = try await RulerFixture(path, records: true)
            #expect(try await fixture.push("an error") == 204)
            try await fixture.ruler.reload()
            await fixture.ruler.manager.groups.first?.evaluate(atMs: RulerFixture.nowMs)
            #expect(try await fixture.forwarding?.log(of: "fake").seriesCount == 1)
            try await fixture.stop()
        }
    }

    @Test("recording rules are refused without a receiver of their series")
    func noReceiver() async throws {
        try await withDirectory { path in
            try RulerFixture.write(path, "fake/r.yaml", "- {name: g, rules: [{record: r, expr: 'vector(1)'}]}\n")
            let fixture = try await RulerFixture(path)
            await #expect {
                try await fixture.ruler.reload()
            } throws: {
                "\($0)".contains("recording rules need a receiver of their series: set ruler.remote_write.enabled")
            }
            try await fixture.stop()
        }
    }

    @Test("a file that becomes wrong keeps its rules, and the others change")
    func brokenFile() async throws {
        try await withDirectory { path in
            try RulerFixture.write(path, "fake/a.yaml", "- {name: a, rules: [{alert: A, expr: 'vector(1)'}]}\n")
            try RulerFixture.write(path, "fake/b.yaml", "- {name: b, rules: [{alert: B, expr: 'vector(1)'}]}\n")
            let fixture = try await RulerFixture(path)
            try await fixture.ruler.reload()
            let group = try #require(fixture.ruler.manager.groups.first)
            await group.evaluate(atMs: RulerFixture.nowMs)

            try RulerFixture.write(path, "fake/a.yaml", "- {name: a, rules: [{alert: A, expr: 'sum('}]}\n")
            try RulerFixture.write(path, "fake/b.yaml", "- {name: b, rules: [{alert: C, expr: 'vector(1)'}]}\n")
            await #expect {
                try await fixture.ruler.reload()
            } throws: {
                "\($0)".contains("could not parse expression")
            }
            #expect(try await fixture.rules() == ["A", "C"])
            #expect(fixture.ruler.manager.groups.first?.rules[0].activeAlerts.first?.activeAtMs == RulerFixture.nowMs)
            try await fixture.stop()
        }
    }

    @Test("hidden files and what editors leave are no rules")
    func leftovers() async throws {
        try await withDirectory { path in
            try RulerFixture.write(path, "fake/a", "- {name: a, rules: [{alert: A, expr: 'vector(1)'}]}\n")
            for name in ["fake/.a.swp", "fake/a~", "fake/b.tmp", ".data/a"] {
                try RulerFixture.write(path, name, "broken")
            }
            let fixture = try await RulerFixture(path)
            try await fixture.ruler.reload()
            #expect(try await fixture.rules() == ["A"])
            try await fixture.stop()
        }
    }
}
