import Durable
import LogServer
import MartletCore
import NIOHTTP1
import Rules
import Service
import Testing

@Suite("Loki's API of rules")
struct RulesAPITests {
    private static let group = "name: g\ninterval: 1m\nrules:\n- alert: A\n  expr: vector(1)\n  labels: {team: x}\n"

    private func withServer(
        records: Bool = false, maxTenants: Int = 100, _ change: (inout LogConfig) -> Void = { _ in },
        _ body: (RulerFixture, String) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory("rules-api")
        let fixture = try await RulerFixture(directory.path, records: records, maxTenants: maxTenants, change)
        do {
            try await body(fixture, directory.path)
        } catch {
            try? await fixture.stop()
            throw error
        }
        try await fixture.stop()
        withExtendedLifetime(directory) {}
    }

    @Test("groups are written, listed, read and removed", arguments: ["/loki/api/v1/rules", "/api/prom/rules"])
    func write(path: String) async throws {
        try await withServer { fixture, directory in
            let written = try await fixture.send(.POST, path + "/team%20a", Self.group)
            #expect(written.status == 202)
            #expect(written.type == "application/json")
            #expect(written.text == #"{"status":"success","data":null,"errorType":"","error":""}"#)
            #expect(FilePath.matches(directory + "/rules/fake/*") == [directory + "/rules/fake/team%20a"])
            #expect(try await fixture.rules() == ["A"])

            let all = try await fixture.send(.GET, path)
            #expect(all.status == 200)
            #expect(all.type == "application/yaml")
            #expect(all.text.hasPrefix("\"team a\":\n  - name: g\n    interval: 1m\n"), "\(all.text)")
            #expect(try await fixture.send(.GET, path + "/team%20a").text == all.text)
            #expect(try await fixture.send(.GET, path + "/team%20a/g").text.hasPrefix("name: g\ninterval: 1m\n"))

            #expect(try await fixture.send(.DELETE, path + "/team%20a/g").status == 202)
            #expect(try await fixture.rules() == [])
            _ = try await fixture.send(.POST, path + "/n", Self.group)
            #expect(try await fixture.send(.DELETE, path + "/n").status == 202)
            #expect(FilePath.matches(directory + "/rules/fake/*") == [])
        }
    }

    @Test("what is not there is told in Loki's words")
    func missing() async throws {
        try await withServer { fixture, _ in
            for (method, path, text) in [
                (.GET, "", "no rule groups found\n"), (.GET, "/n", "no rule groups found\n"),
                (.GET, "/n/g", "group does not exist\n"), (.DELETE, "/n/g", "group does not exist\n"),
                (.DELETE, "/n", "group namespace does not exist\n"),
            ] as [(RulerFixture.Method, String, String)] {
                let answer = try await fixture.send(method, "/loki/api/v1/rules" + path)
                #expect(answer.status == 404)
                #expect(answer.text == text)
            }
        }
    }

    @Test(
        "what is no group is refused, and nothing is written",
        arguments: [
            ("name: g\nrules: [{alert: A, expr: 'sum('}]", "could not parse expression: parse error"),
            ("name: g\nrules: [{alert: A, expr: '{a=\"b\"}'}]", "a rule needs numbers"),
            ("name: g\nrules: [{alert: A}]", "field 'expr' must be set in rule"),
            ("rules: []", "Groupname must not be empty"), ("[", "unable to decoded rule group"),
            ("name: g\nrulez: []", "unable to decoded rule group"),
            ("name: g\nrules: [{record: r, expr: 'vector(1)'}]", "recording rules need a receiver of their series"),
        ])
    func refused(body: String, part: String) async throws {
        try await withServer { fixture, directory in
            let answer = try await fixture.send(.POST, "/loki/api/v1/rules/n", body)
            #expect(answer.status == 400)
            #expect(answer.text.contains(part), "\(answer.text)")
            #expect(FilePath.matches(directory + "/rules/fake/*") == [])
        }
    }

    @Test("no namespace leaves the tenant's directory")
    func traversal() async throws {
        try await withServer { fixture, directory in
            let answer = try await fixture.send(.POST, "/loki/api/v1/rules/%2e%2e%2fx.yaml", Self.group)
            #expect(answer.status == 202)
            #expect(FilePath.matches(directory + "/rules/fake/*") == [directory + "/rules/fake/%2E%2E%2Fx%2Eyaml"])
            #expect(FilePath.matches(directory + "/rules/*") == [directory + "/rules/fake"])
        }
    }

    @Test("a file that somebody has put there is a namespace of its name, and is changed where it is")
    func files() async throws {
        try await withServer { fixture, directory in
            try RulerFixture.write(
                directory, "fake/own rules.yaml", "- {name: a, rules: [{alert: A, expr: 'vector(1)'}]}\n")
            _ = try await fixture.send(.POST, "/loki/api/v1/rules/own%20rules.yaml", Self.group)
            #expect(FilePath.matches(directory + "/rules/fake/*") == [directory + "/rules/fake/own rules.yaml"])
            let listed = try await fixture.send(.GET, "/prometheus/api/v1/rules").json["data"]?["groups"]
            #expect(listed?[0]?["name"] == "a")
            #expect(listed?[1]?["name"] == "g")
            #expect(listed?[1]?["file"] == "own rules.yaml")
        }
    }

    @Test("rules can be asked for by kind, name, group, file and labels, under Loki's names and Prometheus'")
    func filter() async throws {
        try await withServer(records: true) { fixture, directory in
            try RulerFixture.write(
                directory, "fake/a.yaml",
                "- {name: a, rules: [{record: r, expr: 'vector(1)'}, {alert: A, expr: 'vector(1)', labels: {team: x}}]}\n"
            )
            try RulerFixture.write(directory, "fake/b.yaml", "- {name: b, rules: [{alert: B, expr: 'vector(1)'}]}\n")
            try await fixture.ruler.reload()
            #expect(try await fixture.rules() == ["r", "A", "B"])
            #expect(try await fixture.rules("type=alert") == ["A", "B"])
            #expect(try await fixture.rules("type=record") == ["r"])
            #expect(try await fixture.rules("rule_name=A&rule_name=B") == ["A", "B"])
            #expect(try await fixture.rules("rule_name%5B%5D=r") == ["r"])
            #expect(try await fixture.rules("rule_group=b") == ["B"])
            #expect(try await fixture.rules("file=a.yaml") == ["r", "A"])
            #expect(try await fixture.rules("match%5B%5D=%7Bteam%3D%22x%22%7D") == ["A"])
            let wrong = try await fixture.send(.GET, "/prometheus/api/v1/rules?type=x")
            #expect(wrong.status == 400)
            #expect(
                wrong.text
                    == #"{"status":"error","data":null,"errorType":"bad_data","error":"not supported value \"x\""}"#)
        }
    }

    @Test("a rule and its alerts look as with Prometheus")
    func shape() async throws {
        try await withServer { fixture, directory in
            try RulerFixture.write(
                directory, "fake/a.yaml",
                "- {name: a, interval: 2m, rules: [{alert: A, expr: vector(3)>1, annotations: {s: '{{ $value }}'}}]}\n")
            try await fixture.ruler.reload()
            await fixture.ruler.manager.groups.first?.evaluate(atMs: RulerFixture.nowMs)
            let answer = try await fixture.send(.GET, "/prometheus/api/v1/rules")
            #expect(answer.status == 200)
            #expect(answer.type == "application/json")
            #expect(answer.json["errorType"] == "")
            let group = answer.json["data"]?["groups"]?[0]
            #expect(group?["file"] == "a.yaml")
            #expect(group?["interval"]?.double == 120)
            let rule = group?["rules"]?[0]
            #expect(rule?["query"] == "(vector(3.000000) > 1)")
            #expect(rule?["state"] == "firing")
            #expect(rule?["health"] == "ok")
            #expect(rule?["type"] == "alerting")
            let alerts = try await fixture.send(.GET, "/prometheus/api/v1/alerts").json["data"]?["alerts"]
            #expect(alerts == rule?["alerts"])
            #expect(alerts?[0]?["annotations"] == ["s": "3"])
            #expect(alerts?[0]?["value"] == "3e+00")
        }
    }

    @Test("limits on rules and groups name themselves")
    func limits() async throws {
        try await withServer {
            $0.ruler.maxRulesPerGroup = 1
            $0.ruler.maxGroupsPerTenant = 1
        } _: { fixture, _ in
            let two = "name: g\nrules: [{alert: A, expr: 'vector(1)'}, {alert: B, expr: 'vector(1)'}]"
            let answer = try await fixture.send(.POST, "/loki/api/v1/rules/n", two)
            #expect(answer.status == 400)
            #expect(answer.text.hasPrefix("per-user rules per rule group limit (limit: 1 actual: 2) exceeded"))
            // The same group again is no second one.
            #expect(try await fixture.send(.POST, "/loki/api/v1/rules/n", Self.group).status == 202)
            #expect(try await fixture.send(.POST, "/loki/api/v1/rules/n", Self.group).status == 202)
            let second = try await fixture.send(.POST, "/loki/api/v1/rules/m", Self.group)
            #expect(second.status == 400)
            #expect(second.text.hasPrefix("per-user rule groups limit (limit: 1 actual: 2) exceeded"))
        }
    }

    @Test("tenants beyond the limit get no rules")
    func tenantLimit() async throws {
        try await withServer(maxTenants: 1, { $0.isAuthEnabled = true }) { fixture, _ in
            let first = try await fixture.send(.POST, "/loki/api/v1/rules/n", Self.group, tenant: "a")
            #expect(first.status == 202)
            let answer = try await fixture.send(.POST, "/loki/api/v1/rules/n", Self.group, tenant: "b")
            #expect(answer.status == 429)
            #expect(answer.text.contains("--storage.max-tenants"))
            #expect(try await fixture.send(.GET, "/loki/api/v1/rules", tenant: "b").status == 404)
        }
    }

    @Test("without a directory nothing can be written")
    func noDirectory() async throws {
        try await withServer {
            $0.ruler.directory = nil
        } _: { fixture, _ in
            let answer = try await fixture.send(.POST, "/loki/api/v1/rules/n", Self.group)
            #expect(answer.status == 404)
            #expect(answer.text.contains("--rules.path"))
            #expect(try await fixture.rules() == [])
        }
    }
}
