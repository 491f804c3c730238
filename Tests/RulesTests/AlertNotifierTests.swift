import Hummingbird
import Logging
import MartletCore
import NIOCore
import Rules
import Service
import Testing
import Wire

@Suite("Notifications of alerts")
struct AlertNotifierTests {
    /// An Alertmanager that keeps what it gets, and answers with these statuses before it answers 200.
    private final class Alertmanager: Sendable {
        private struct State {
            var statuses: [Int]
            var bodies: [JSONValue] = []
            var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        }

        private let state: Lock<State>

        init(_ statuses: [Int]) {
            state = Lock(State(statuses: statuses))
        }

        var bodies: [JSONValue] { state.withLock { $0.bodies } }

        func addRoute(to router: Router<ServiceContext>) {
            router.post("/api/v2/alerts") { request, context in
                let body = try await requestBody(request, context, limit: 1 << 20)
                let json = try JSONValue(parsing: Array(body.readableBytesView))
                let (status, ready) = self.state.withLock { state in
                    state.bodies.append(json)
                    let ready = state.waiters.filter { $0.count <= state.bodies.count }
                    state.waiters.removeAll { $0.count <= state.bodies.count }
                    return (state.statuses.isEmpty ? 200 : state.statuses.removeFirst(), ready)
                }
                for waiter in ready { waiter.continuation.resume() }
                return Response(status: .init(code: status))
            }
        }

        /// Returns once so many requests have come.
        func wait(for count: Int) async {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.bodies.count >= count { return true }
                    state.waiters.append((count, continuation))
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }

    private static func alerts(_ count: Int) -> [AlertNotification] {
        (0..<count).map { index in
            AlertNotification(
                labels: Labels([("alertname", "A"), ("n", "\(index)")]), annotations: Labels([("a", "b")]),
                startsAtMs: 1000, endsAtMs: 2500, generatorURL: "http://g")
        }
    }

    private func notifier(_ change: (inout AlertNotifier.Options) -> Void = { _ in }) -> AlertNotifier {
        var options = AlertNotifier.Options()
        options.retryWait = .milliseconds(1)
        change(&options)
        return AlertNotifier(
            options: options, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func withAlertmanager(
        _ statuses: [Int] = [], _ body: (Alertmanager, String) async throws -> Void
    ) async throws {
        let manager = Alertmanager(statuses)
        let router = Daemon.makeRouter()
        manager.addRoute(to: router)
        let server = try await EmbeddedServer(router: router)
        do {
            try await body(manager, server.url + "/api/v2/alerts")
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// Runs until `body` ends and all that waits is sent.
    private func run(_ notifier: AlertNotifier, _ body: () async throws -> Void) async throws {
        let running = Task { try await notifier.run() }
        try await body()
        running.cancel()
        try await running.value
    }

    private func metrics(_ notifier: AlertNotifier) -> String {
        let registry = MetricRegistry()
        NotificationMetrics.register(notifier, in: registry)
        return String(decoding: registry.render(.text), as: UTF8.self)
    }

    @Test("the body is that of Alertmanager's API v2")
    func body() {
        let text = String(decoding: AlertNotification.json(Self.alerts(1)), as: UTF8.self)
        #expect(
            text
                == #"[{"annotations":{"a":"b"},"endsAt":"1970-01-01T00:00:02.500Z","startsAt":"1970-01-01T00:00:01.000Z","generatorURL":"http://g","labels":{"alertname":"A","n":"0"}}]"#
        )
    }

    @Test("alerts come in batches, with external labels and relabelled")
    func batches() async throws {
        try await withAlertmanager { manager, url in
            let notifier = notifier { $0.batchSize = 2 }
            var drop = RelabelRule(regex: try Regex("4", anchored: true))
            drop.action = .drop
            drop.sourceLabels = ["n"]
            await notifier.apply(
                [AlertmanagerGroup(urls: [url])], relabelRules: [drop],
                externalLabels: [(key: "site", value: "x"), (key: "n", value: "not over its own")], renews: false)
            try await run(notifier) {
                notifier.send(Self.alerts(5))
                await manager.wait(for: 2)
            }
            #expect(manager.bodies.map { $0.array?.count } == [2, 2])
            #expect(manager.bodies[0][0]?["labels"] == ["alertname": "A", "n": "0", "site": "x"])
        }
    }

    @Test("a failed request is tried again, a refused one is not")
    func retries() async throws {
        try await withAlertmanager([503, 429, 200, 400]) { manager, url in
            let notifier = notifier()
            await notifier.apply(
                [AlertmanagerGroup(urls: [url])], relabelRules: [], externalLabels: [], renews: false)
            try await run(notifier) {
                notifier.send(Self.alerts(1))
                await manager.wait(for: 3)
                notifier.send(Self.alerts(2))
                await manager.wait(for: 4)
            }
            #expect(manager.bodies.count == 4)
            let text = metrics(notifier)
            #expect(text.contains("prometheus_notifications_sent_total{alertmanager=\"\(url)\"} 1\n"))
            #expect(text.contains("prometheus_notifications_errors_total{alertmanager=\"\(url)\"} 2\n"))
            #expect(text.contains("prometheus_notifications_dropped_total{alertmanager=\"\(url)\"} 2\n"))
            #expect(text.contains("prometheus_notifications_alertmanagers_discovered 1\n"))
        }
    }

    @Test("a queue that is full lets the oldest go")
    func overflow() async throws {
        try await withAlertmanager { manager, url in
            let notifier = notifier { $0.queueCapacity = 3 }
            await notifier.apply(
                [AlertmanagerGroup(urls: [url])], relabelRules: [], externalLabels: [], renews: false)
            notifier.send(Self.alerts(5))
            #expect(
                metrics(notifier).contains("prometheus_notifications_dropped_total{alertmanager=\"\(url)\"} 2\n"))
            try await run(notifier) { await manager.wait(for: 1) }
            #expect(manager.bodies[0].array?.compactMap { $0["labels"]?["n"]?.string } == ["2", "3", "4"])
        }
    }

    @Test("one Alertmanager that is down holds no other up")
    func down() async throws {
        try await withAlertmanager { manager, url in
            let notifier = notifier()
            await notifier.apply(
                [AlertmanagerGroup(urls: ["http://127.0.0.1:1/api/v2/alerts", url])], relabelRules: [],
                externalLabels: [], renews: false)
            try await run(notifier) {
                notifier.send(Self.alerts(1))
                await manager.wait(for: 1)
            }
            #expect(manager.bodies.count == 1)
        }
    }

    @Test("what waits is sent before the end, and an Alertmanager that goes still gets it")
    func drain() async throws {
        try await withAlertmanager { manager, url in
            let notifier = notifier()
            await notifier.apply(
                [AlertmanagerGroup(urls: [url])], relabelRules: [], externalLabels: [], renews: false)
            notifier.send(Self.alerts(1))
            await notifier.apply([], relabelRules: [], externalLabels: [], renews: false)
            #expect(notifier.active.isEmpty)
            try await run(notifier) {}
            #expect(manager.bodies.count == 1)
        }
    }
}
