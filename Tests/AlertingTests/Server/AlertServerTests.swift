import Alerting
import AsyncHTTPClient
import Durable
import Hummingbird
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import Service
import Testing

/// A webhook's receiver that refuses the first so many calls.
private final class Hook: Sendable {
    private let state: Lock<(refusals: Int, bodies: [JSONValue])>

    init(refusals: Int) { state = Lock((refusals, [])) }

    var bodies: [JSONValue] { state.withLock { $0.bodies } }

    func serve() async throws -> EmbeddedServer {
        let router = Daemon.makeRouter()
        router.post("/hook") { [self] request, context in
            let body = try await requestBody(request, context, limit: 1 << 20)
            let value = try JSONValue(parsing: Array(body.readableBytesView))
            let refuses = state.withLock { state in
                if state.refusals > 0 {
                    state.refusals -= 1
                    return true
                }
                state.bodies.append(value)
                return false
            }
            return Response(status: refuses ? .serviceUnavailable : .ok)
        }
        return try await EmbeddedServer(router: router)
    }
}

@Suite("martlet-alerts, from the API to the webhook", .serialized)
struct AlertServerTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("alerts") }

    private func manager(
        hook: String, budget: MemoryBudget = MemoryBudget(limitBytes: 1 << 30)
    ) throws -> AlertManager {
        try AlertManager(
            config: try config(
                """
                route: {receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 10s}
                receivers: [{name: hook, webhook_configs: [{url: '\(hook)/hook'}]}]
                """), directory: directory.path, retention: 3600 * second, sync: .always, budget: budget,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { WallClock.nanoseconds })
    }

    private func call(
        _ method: String, _ url: String, _ body: String? = nil
    ) async throws -> (status: UInt, text: String) {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let text = try await response.body.collect(upTo: 1 << 20)
        return (response.status.code, String(buffer: text))
    }

    /// Looks until the condition holds, at most ten seconds.
    private func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<200 {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    @Test("A posted alert reaches the webhook in spite of a failure, and once only, also over a restart")
    func notify() async throws {
        let hook = Hook(refusals: 1)
        let receiver = try await hook.serve()
        let posted = #"[{"labels":{"alertname":"Up","i":"1"},"annotations":{"summary":"s"}}]"#
        for round in 0..<2 {
            let manager = try manager(hook: receiver.url)
            let blocking = BlockingPool(threads: 2)
            let service = NotificationService(
                manager: manager, sender: WebhookSender(client: .shared, directClient: .shared, blocking: blocking),
                blocking: blocking,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, externalURL: "http://am")
            let router = Daemon.makeRouter()
            AlertAPI(manager: manager).add(to: router)
            let server = try await EmbeddedServer(router: router)
            let running = Task { try await service.run() }
            #expect(try await call("POST", server.url + "/api/v2/alerts", posted).status == 200)
            if round == 0 {
                #expect(try await eventually { hook.bodies.count == 1 })
                #expect(hook.bodies.first?["alerts"]?[0]?["labels"]?["alertname"]?.string == "Up")
                #expect(hook.bodies.first?["externalURL"]?.string == "http://am")
                // The receiver has it before its answer is noted; a stop in between rightly tells it again.
                #expect(try await eventually { manager.counts().notifications == 1 })
            } else {
                #expect(try await eventually { manager.counts().flushes == 1 })
                #expect(hook.bodies.count == 1)
            }
            running.cancel()
            try await running.value
            await server.stop()
            await blocking.shutdown()
            try manager.close()
        }
        await receiver.stop()
    }

    @Test("At the memory limit new alerts are refused and known ones still taken")
    func memoryLimit() async throws {
        let budget = MemoryBudget(limitBytes: 1 << 20)
        let manager = try manager(hook: "http://127.0.0.1:9", budget: budget)
        let router = Daemon.makeRouter()
        AlertAPI(manager: manager).add(to: router)
        let server = try await EmbeddedServer(router: router)
        let posted = (0..<5000).map { "{\"labels\":{\"alertname\":\"a\($0)\"}}" }.joined(separator: ",")
        let refused = try await call("POST", server.url + "/api/v2/alerts", "[\(posted)]")
        #expect(refused.status == 503)
        #expect(refused.text.contains("--memory.limit"))
        #expect((100..<2000).contains(manager.alerts().count))
        #expect(budget.used <= budget.limit)
        let known = #"[{"labels":{"alertname":"a0"},"annotations":{"x":"y"}}]"#
        #expect(try await call("POST", server.url + "/api/v2/alerts", known).status == 200)
        await server.stop()
        try manager.close()
    }

    @Test("A space in a filter may be written in two ways", arguments: ["+", "%20"])
    func spaces(space: String) async throws {
        let manager = try manager(hook: "http://127.0.0.1:9")
        let router = Daemon.makeRouter()
        AlertAPI(manager: manager).add(to: router)
        let server = try await EmbeddedServer(router: router)
        let api = server.url + "/api/v2/alerts"
        #expect(try await call("POST", api, #"[{"labels":{"alertname":"spaced out"}}]"#).status == 200)
        let found = try await call("GET", api + "?filter=alertname%3D%22spaced\(space)out%22")
        #expect(try JSONValue(parsing: found.text).array?.count == 1)
        await server.stop()
        try manager.close()
    }

    @Test("The API answers in Alertmanager's shapes")
    func shapes() async throws {
        let manager = try manager(hook: "http://127.0.0.1:9")
        let router = Daemon.makeRouter()
        AlertAPI(manager: manager).add(to: router)
        let server = try await EmbeddedServer(router: router)
        let api = server.url + "/api/v2"
        let posted = #"[{"labels":{"alertname":"a","severity":"critical"}},{"labels":{"alertname":"b"}}]"#
        #expect(try await call("POST", api + "/alerts", posted).status == 200)
        #expect(try await call("POST", api + "/alerts", "[{}]").status == 422)
        #expect(try await call("POST", api + "/alerts", "[").status == 400)
        let wrong = try await call("GET", api + "/alerts?filter=nonsense")
        #expect(wrong.status == 400)
        #expect(wrong.text == "\"bad matcher format: nonsense\"\n")
        let silence =
            #"{"matchers":[{"name":"alertname","value":"a","isRegex":false}],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z","createdBy":"me","comment":"c"}"#
        let made = try JSONValue(parsing: try await call("POST", api + "/silences", silence).text)
        let id = try #require(made["silenceID"]?.string)
        let alerts = try JSONValue(parsing: try await call("GET", api + "/alerts?filter=alertname%3D%22a%22").text)
        #expect(alerts.array?.count == 1)
        #expect(alerts[0]?["status"]?["state"]?.string == "suppressed")
        #expect(alerts[0]?["status"]?["silencedBy"]?[0]?.string == id)
        #expect(alerts[0]?["fingerprint"]?.string == "b2d965ea3bb5f5d5")
        let unsilenced = try JSONValue(parsing: try await call("GET", api + "/alerts?silenced=false").text)
        #expect(unsilenced.array?.map { $0["labels"]?["alertname"]?.string } == ["b"])
        let groups = try JSONValue(parsing: try await call("GET", api + "/alerts/groups").text)
        #expect(groups.array?.map { $0["labels"]?["alertname"]?.string } == ["a", "b"])
        let counts = manager.counts()
        #expect([counts.active, counts.suppressed, counts.groups, counts.silences[.active]] == [1, 1, 2, 1])
        #expect(try await call("DELETE", api + "/silence/" + id).status == 200)
        let ended = try JSONValue(parsing: try await call("GET", api + "/silence/" + id).text)
        #expect(ended["status"]?["state"]?.string == "expired")
        #expect(try await call("GET", api + "/silence/abc").status == 422)
        #expect(try await call("GET", api + "/silence/00000000-0000-0000-0000-000000000000").status == 404)
        let status = try JSONValue(parsing: try await call("GET", api + "/status").text)
        #expect(status["config"]?["original"]?.string?.contains("receiver: 'hook'") == true)
        #expect(status["config"]?["original"]?.string?.contains("127.0.0.1:9") == false)
        #expect(try await call("GET", api + "/receivers").text == #"[{"name":"hook"}]"#)
        await server.stop()
        try manager.close()
    }
}
