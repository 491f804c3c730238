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

@Suite("Who was told of what, and the test of a receiver", .serialized)
struct NotificationAPITests {
    /// A router between a webhook that answers with `status` and its API.
    private struct Fixture {
        let server: EmbeddedServer
        let manager: AlertManager
        let status: Lock<HTTPResponse.Status>
        let bodies: Lock<[JSONValue]>

        func call(
            _ method: HTTPMethod, _ path: String, _ body: String? = nil
        ) async throws -> (status: Int, json: JSONValue) {
            var request = HTTPClientRequest(url: server.url + path)
            request.method = method
            if let body {
                request.headers.add(name: "Content-Type", value: "application/json")
                request.body = .bytes(ByteBuffer(string: body))
            }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
            let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
            return (Int(response.status.code), (try? JSONValue(parsing: text)) ?? .null)
        }

        /// Looks until the newest outcome is as wanted, at most ten seconds.
        func outcome(_ wanted: (JSONValue) -> Bool) async throws -> JSONValue? {
            for _ in 0..<200 {
                let history = try await call(.GET, "/api/v1/notifications").json["history"]
                if let newest = history?[0], wanted(newest) { return newest }
                try await Task.sleep(for: .milliseconds(50))
            }
            return nil
        }
    }

    private func withRouter(_ body: (Fixture) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("notifications")
        let status = Lock<HTTPResponse.Status>(.ok)
        let bodies = Lock<[JSONValue]>([])
        let hookRouter = Daemon.makeRouter()
        hookRouter.post("/hook") { request, context in
            let body = try await requestBody(request, context, limit: 1 << 20)
            let value = try JSONValue(parsing: Array(body.readableBytesView))
            bodies.withLock { $0.append(value) }
            return Response(status: status.withLock { $0 })
        }
        let hook = try await EmbeddedServer(router: hookRouter)
        let blocking = BlockingPool(threads: 2)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let manager = try AlertManager(
            config: try config(
                """
                route: {receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 10s}
                receivers: [{name: hook, webhook_configs: [{url: '\(hook.url)/hook'}]}, {name: nobody}]
                """), directory: directory.path, retention: 3600 * second, sync: .always,
            budget: MemoryBudget(limitBytes: 1 << 30), logger: logger, now: { WallClock.nanoseconds })
        let sender = WebhookSender(client: .shared, directClient: .shared, blocking: blocking)
        let service = NotificationService(
            manager: manager, sender: sender, blocking: blocking, logger: logger, externalURL: "http://am")
        let router = Daemon.makeRouter()
        AlertAPI(manager: manager).add(to: router)
        NotificationAPI(
            manager: manager, test: ReceiverTest(manager: manager, sender: sender, externalURL: "http://am")
        ).add(to: router)
        let server = try await EmbeddedServer(router: router)
        let running = Task { try await service.run() }
        try await body(Fixture(server: server, manager: manager, status: status, bodies: bodies))
        running.cancel()
        try await running.value
        await server.stop()
        await hook.stop()
        await blocking.shutdown()
        try manager.close()
    }

    @Test("a group says when its receiver was told, and the history has the outcome")
    func told() async throws {
        try await withRouter { router in
            _ = try await router.call(.POST, "/api/v2/alerts", #"[{"labels":{"alertname":"Up","i":"1"}}]"#)
            let outcome = try #require(try await router.outcome { $0["receiver"] == "hook" })
            #expect(outcome["firing"]?.int64 == 1)
            #expect(outcome["resolved"]?.int64 == 0)
            #expect(outcome["attempts"]?.int64 == 1)
            #expect(outcome["labels"]?["alertname"] == "Up")
            #expect(outcome["error"] == nil)
            #expect(outcome["test"] == false)
            let groups = try await router.call(.GET, "/api/v1/notifications?limit=0").json
            #expect(groups["history"]?.array?.isEmpty == true)
            let group = try #require(groups["groups"]?[0])
            #expect(group["receiver"] == "hook")
            #expect(group["labels"]?["alertname"] == "Up")
            let integration = try #require(group["integrations"]?[0])
            #expect(integration["lastNotified"]?.string?.isEmpty == false)
            #expect(integration["firing"]?.int64 == 1)
            #expect(integration["sendResolved"] == true)
            #expect(integration["retrying"] == false)
        }
    }

    @Test("a failure that is tried again is seen meanwhile, and one for good stays")
    func failures() async throws {
        try await withRouter { router in
            router.status.withLock { $0 = .serviceUnavailable }
            _ = try await router.call(.POST, "/api/v2/alerts", #"[{"labels":{"alertname":"Later"}}]"#)
            var retrying: JSONValue?
            for _ in 0..<200 where retrying == nil {
                let integration = try await router.call(.GET, "/api/v1/notifications").json["groups"]?[0]?[
                    "integrations"]?[0]
                if integration?["retrying"] == true { retrying = integration }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(retrying?["lastNotifyAttemptError"] == "unexpected status code 503")
            #expect(retrying?["lastNotified"] == nil)
            router.status.withLock { $0 = .badRequest }
            let outcome = try #require(try await router.outcome { $0["error"]?.string != nil })
            #expect(outcome["error"] == "unexpected status code 400")
            #expect((outcome["attempts"]?.int64 ?? 0) > 1)
            let group = try await router.call(.GET, "/api/v1/notifications").json["groups"]?[0]
            #expect(group?["integrations"]?[0]?["lastNotifyAttemptError"] == "unexpected status code 400")
            #expect(group?["integrations"]?[0]?["retrying"] == false)
        }
    }

    @Test("a test reaches the receiver as a notification of an alert that does not exist")
    func test() async throws {
        try await withRouter { router in
            let body = #"{"receivers":[{"name":"hook"},{"name":"nobody"}],"alert":{"labels":{"team":"tea"}}}"#
            let (status, answer) = try await router.call(.POST, "/api/v1/receivers/test", body)
            #expect(status == 200)
            #expect(answer["receivers"]?[0]?["integrations"]?[0]?["status"] == "ok")
            #expect(answer["receivers"]?[1]?["integrations"]?.array?.isEmpty == true)
            let sent = router.bodies.withLock { $0 }
            #expect(sent.count == 1)
            #expect(sent.first?["receiver"] == "hook")
            #expect(sent.first?["commonLabels"]?["team"] == "tea")
            #expect(sent.first?["commonAnnotations"]?["summary"]?.string?.contains("test") == true)
            #expect(try await router.call(.GET, "/api/v2/alerts").json.array?.isEmpty == true)
            #expect(try await router.outcome { $0["test"] == true } != nil)
            router.status.withLock { $0 = .internalServerError }
            let failed = try await router.call(.POST, "/api/v1/receivers/test", #"{"receivers":[{"name":"hook"}]}"#)
            #expect(failed.status == 200)
            #expect(failed.json["alert"]?["labels"]?["alertname"] == "TestAlert")
            #expect(failed.json["receivers"]?[0]?["integrations"]?[0]?["status"] == "failed")
            #expect(failed.json["receivers"]?[0]?["integrations"]?[0]?["error"] == "unexpected status code 500")
        }
    }

    @Test("what is no test is refused in words and sends nothing")
    func refused() async throws {
        try await withRouter { router in
            for (body, status) in [
                ("", 400), ("[]", 400), ("{}", 400), (#"{"receivers":[]}"#, 400), (#"{"receivers":["hook"]}"#, 400),
                (#"{"receivers":[{"name":"hook"},{}]}"#, 400), (#"{"receivers":[{"name":"gone"}]}"#, 404),
                (#"{"receivers":[{"name":"hook"},{"name":"gone"}]}"#, 404),
                (#"{"receivers":[{"name":"hook"}],"alert":{"labels":{"a":1}}}"#, 400),
                (#"{"receivers":[{"name":"hook"}],"alert":{"labels":{"":"a"}}}"#, 400),
                ("{\"receivers\":[\((0..<11).map { _ in #"{"name":"hook"}"# }.joined(separator: ","))]}", 400),
            ] {
                let answer = try await router.call(.POST, "/api/v1/receivers/test", body)
                #expect(answer.status == status, "\(body)")
                #expect(answer.json["message"]?.string?.isEmpty == false, "\(body)")
            }
            #expect(try await router.call(.GET, "/api/v1/notifications?limit=x").status == 400)
            #expect(router.bodies.withLock { $0.isEmpty })
        }
    }

    @Test("the newest tests are kept, and do not drive out what happened")
    func bounded() async throws {
        try await withRouter { router in
            router.status.withLock { $0 = .badRequest }
            _ = try await router.call(.POST, "/api/v2/alerts", #"[{"labels":{"alertname":"Real"}}]"#)
            _ = try #require(try await router.outcome { $0["test"] == false })
            let receivers = (0..<10).map { _ in #"{"name":"hook"}"# }.joined(separator: ",")
            for round in 0..<220 {
                let body = "{\"receivers\":[\(receivers)],\"alert\":{\"labels\":{\"round\":\"\(round)\"}}}"
                #expect(try await router.call(.POST, "/api/v1/receivers/test", body).status == 200)
            }
            let history = try await router.call(.GET, "/api/v1/notifications?limit=5000").json["history"]?.array ?? []
            let tests = history.filter { $0["test"] == true }
            #expect(tests.count == 100)
            #expect(tests.first?["labels"]?["round"] == "219")
            #expect(tests.last?["labels"]?["round"] == "210")
            #expect(history.contains { $0["test"] == false })
        }
    }
}
