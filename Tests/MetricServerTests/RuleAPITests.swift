import ArgumentParser
import AsyncHTTPClient
import Durable
import Logging
import MartletCore
import MetricServer
import MetricStorage
import NIOCore
import NIOHTTP1
import Scraping
import Service
import Testing

@Suite("The API of rules and alerts")
struct RuleAPITests {
    private static let rules = """
        groups:
          - name: a
            interval: 1h
            rules:
              - {record: r, expr: 'sum(m)', labels: {team: x}}
              - {alert: A, expr: 'm > 0', for: 1m, keep_firing_for: 30s, labels: {team: y}, annotations: {s: 't'}}
          - {name: b, limit: 3, rules: [{alert: B, expr: '1'}]}
        """

    private struct Fixture {
        let server: EmbeddedServer
        let metrics: MetricServer
        let directory: String

        func send(
            _ method: HTTPMethod, _ path: String, _ body: String = ""
        ) async throws -> (status: Int, json: JSONValue, text: String) {
            var request = HTTPClientRequest(url: server.url + path)
            request.method = method
            if !body.isEmpty { request.body = .bytes(ByteBuffer(string: body)) }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
            let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
            return (Int(response.status.code), (try? JSONValue(parsing: text)) ?? .null, text)
        }

        /// Names of the groups that a query of the API lists.
        func groups(_ query: String) async throws -> [String] {
            let groups = try await send(.GET, "/api/v1/rules?\(query)").json["data"]?["groups"]?.array ?? []
            return groups.compactMap { $0["name"]?.string }
        }

        /// Names of the rules that a query of the API lists.
        func rules(_ query: String) async throws -> [String] {
            let groups = try await send(.GET, "/api/v1/rules?\(query)").json["data"]?["groups"]?.array ?? []
            return groups.flatMap { $0["rules"]?.array ?? [] }.compactMap { $0["name"]?.string }
        }
    }

    private func withServer(
        _ flags: [String] = [], config: String = "rule_files: [r.yml]", _ body: (Fixture) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        try AtomicFile.publish(directory.path + "/r.yml", Array(Self.rules.utf8))
        try AtomicFile.publish(directory.path + "/prometheus.yml", Array(config.utf8))
        let logger = ServerFixture.logger
        let store = try MetricStore(
            directory.path + "/data", budget: MemoryBudget(limitBytes: 1 << 30), logger: logger)
        let blocking = BlockingPool(threads: 2)
        let config = try PrometheusConfig(path: directory.path + "/prometheus.yml")
        let flags = flags.map { $0.replacing("DIR", with: directory.path) }
        let metrics = MetricServer(
            store: store,
            scrapes: ScrapeManager(
                [], .init(store: store, blocking: blocking, logger: logger)),
            config: config, flags: try MetricFlags.parse(flags), flagValues: [], blocking: blocking, logger: logger)
        try await metrics.apply(config)
        let router = Daemon.makeRouter()
        metrics.addRoutes(to: router)
        let server = try await EmbeddedServer(router: router)
        do {
            try await body(Fixture(server: server, metrics: metrics, directory: directory.path))
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
        withExtendedLifetime(directory) {}
    }

    @Test("groups and rules as Prometheus lists them")
    func list() async throws {
        try await withServer { fixture in
            let answer = try await fixture.send(.GET, "/api/v1/rules")
            #expect(answer.status == 200)
            let group = try #require(answer.json["data"]?["groups"]?[0])
            #expect(group["name"] == "a")
            #expect(group["file"]?.string == fixture.directory + "/r.yml")
            #expect(group["interval"]?.double == 3600)
            #expect(group["lastEvaluation"] == "0001-01-01T00:00:00Z")
            let record = group["rules"]?[0]
            #expect(record?["type"] == "recording")
            #expect(record?["query"] == "sum(m)")
            #expect(record?["labels"] == ["team": "x"])
            #expect(record?["health"] == "unknown")
            let alert = group["rules"]?[1]
            #expect(alert?["type"] == "alerting")
            #expect(alert?["state"] == "unknown")
            #expect(alert?["duration"]?.double == 60)
            #expect(alert?["keepFiringFor"]?.double == 30)
            #expect(alert?["annotations"] == ["s": "t"])
            #expect(alert?["alerts"] == [])
            #expect(answer.json["data"]?["groups"]?[1]?["limit"]?.double == 3)
            let alerts = try await fixture.send(.GET, "/api/v1/alerts")
            #expect(alerts.json["data"]?["alerts"] == [])
        }
    }

    @Test("rules can be asked for by kind, name, group, file and labels")
    func filter() async throws {
        try await withServer { fixture in
            #expect(try await fixture.rules("") == ["r", "A", "B"])
            #expect(try await fixture.rules("type=alert") == ["A", "B"])
            #expect(try await fixture.rules("type=record") == ["r"])
            #expect(try await fixture.rules("rule_name[]=r&rule_name[]=B") == ["r", "B"])
            #expect(try await fixture.rules("rule_group[]=b") == ["B"])
            #expect(try await fixture.rules("file[]=other") == [])
            #expect(try await fixture.rules("match%5B%5D=%7Bteam%3D%22y%22%7D") == ["A"])
            let hidden = try await fixture.send(.GET, "/api/v1/rules?exclude_alerts=true")
            #expect(hidden.json["data"]?["groups"]?[1]?["rules"]?[0]?["alerts"]?.isNull == true)
            for (query, message) in [
                ("type=x", "invalid parameter \"type\": not supported value \"x\""),
                ("group_next_token=x", "group_limit needs to be present in order to paginate over the groups"),
                ("group_limit=0", "group_limit needs to be greater than 0"),
                ("group_limit=1&group_next_token=x", "invalid group_next_token 'x'. were rule groups changed?"),
            ] {
                let answer = try await fixture.send(.GET, "/api/v1/rules?\(query)")
                #expect(answer.status == 400)
                #expect(answer.json["error"]?.string?.contains(message) == true)
            }
        }
    }

    @Test("long lists come in pages")
    func pages() async throws {
        try await withServer { fixture in
            let first = try await fixture.send(.GET, "/api/v1/rules?group_limit=1")
            let token = try #require(first.json["data"]?["groupNextToken"]?.string)
            #expect(first.json["data"]?["groups"]?.array?.count == 1)
            #expect(try await fixture.groups("group_limit=1&group_next_token=\(token)") == ["b"])
            let last = try await fixture.send(.GET, "/api/v1/rules?group_limit=1&group_next_token=\(token)")
            #expect(last.json["data"]?["groupNextToken"] == nil)
        }
    }

    @Test("Alertmanagers of the configuration are listed")
    func alertmanagers() async throws {
        let config = "alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:1']}]}]}"
        try await withServer(config: config) { fixture in
            let answer = try await fixture.send(.GET, "/api/v1/alertmanagers")
            #expect(answer.json["data"]?["activeAlertmanagers"] == [["url": "http://127.0.0.1:1/api/v2/alerts"]])
            #expect(answer.json["data"]?["droppedAlertmanagers"] == [])
        }
    }

    @Test("a broken rule file leaves the rules as they were")
    func reload() async throws {
        try await withServer { fixture in
            let config = try PrometheusConfig(path: fixture.directory + "/prometheus.yml")
            try AtomicFile.publish(fixture.directory + "/r.yml", Array("groups: [{name: a, rules: [{}]}]".utf8))
            await #expect(throws: UsageError.self) { try await fixture.metrics.apply(config) }
            #expect(try await fixture.groups("") == ["a", "b"])
            try AtomicFile.publish(fixture.directory + "/r.yml", Array("groups: [{name: c, rules: []}]".utf8))
            try await fixture.metrics.apply(config)
            #expect(try await fixture.groups("") == [])
        }
    }

    // MARK: Writing

    @Test("rules cannot be written unless a path is given")
    func off() async throws {
        try await withServer { fixture in
            let read = try await fixture.send(.GET, "/config/v1/rules")
            #expect(read.status == 404)
            let written = try await fixture.send(.POST, "/config/v1/rules/n", "name: g\nrules: []")
            #expect(written.status == 404)
        }
    }

    @Test("a server that writes nothing takes no rules")
    func readOnly() throws {
        let flags = ["--storage.read-only", "--objstore.config-file=b.yml"]
        _ = try MetricFlags.parse(flags)
        #expect(throws: (any Error).self) { try MetricFlags.parse(flags + ["--rules.path=r"]) }
    }

    @Test("groups are written, replaced, read and removed")
    func write() async throws {
        try await withServer(["--rules.path=DIR/written"]) { fixture in
            let group = "name: g 1\ninterval: 1m\nrules:\n- record: w\n  expr: |\n    sum(\n      m)\n"
            let answer = try await fixture.send(.POST, "/config/v1/rules/team%2Fa", group)
            #expect(answer.status == 202, "\(answer.text)")
            #expect(answer.json["status"] == "success")
            #expect(try await fixture.groups("") == ["a", "b", "g 1"])
            let read = try await fixture.send(.GET, "/config/v1/rules/team%2Fa/g%201")
            #expect(read.text.hasPrefix("name: g 1\ninterval: 1m\n"), "\(read.text)")
            let all = try await fixture.send(.GET, "/config/v1/rules")
            #expect(all.text.hasPrefix("\"team/a\":\n  - name: g 1\n    interval: 1m\n"), "\(all.text)")

            _ = try await fixture.send(.POST, "/config/v1/rules/team%2Fa", "name: h\nrules: [{record: w, expr: m}]")
            _ = try await fixture.send(.POST, "/config/v1/rules/team%2Fa", "name: g 1\nrules: [{record: v, expr: m}]")
            #expect(try await fixture.rules("rule_group%5B%5D=g%201") == ["v"])
            #expect(try await fixture.send(.DELETE, "/config/v1/rules/team%2Fa/g%201").status == 202)
            #expect(try await fixture.groups("") == ["a", "b", "h"])
            #expect(try await fixture.send(.DELETE, "/config/v1/rules/team%2Fa/g%201").status == 404)
            #expect(try await fixture.send(.DELETE, "/config/v1/rules/team%2Fa").status == 202)
            #expect(try await fixture.groups("") == ["a", "b"])
            #expect(try await fixture.send(.GET, "/config/v1/rules").text == "{}\n")
        }
    }

    @Test("what is no rule group is refused and changes nothing")
    func refuse() async throws {
        try await withServer(["--rules.path=DIR/written"]) { fixture in
            for body in ["name: g\nrules: [{record: w, expr: 'sum('}]", "rules: []", "name: g\nrulez: []", "[", ""] {
                let answer = try await fixture.send(.POST, "/config/v1/rules/n", body)
                #expect(answer.status == 400, "\(body)")
                #expect(answer.json["errorType"] == "bad_data")
            }
            #expect(
                try await fixture.send(.POST, "/config/v1/rules/%2e%2e%2fx", "name: g\nrules: [{record: w, expr: m}]")
                    .status == 202)
            #expect(
                FilePath.matches(fixture.directory + "/written/*") == [fixture.directory + "/written/%2E%2E%2Fx.yml"])
        }
    }
}
