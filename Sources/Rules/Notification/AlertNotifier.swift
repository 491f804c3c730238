package import Logging
import MartletCore
package import Service
import ServiceLifecycle

/// Sends alerts to all Alertmanagers of the configuration, each from a queue of its own, so that one that is slow or down
/// holds nobody up.
package actor AlertNotifier: ServiceLifecycle.Service {
    /// Limits, under Prometheus' names.
    package struct Options: Sendable {
        /// Alerts that wait for one Alertmanager.
        package var queueCapacity = 10_000
        /// Alerts in one request.
        package var batchSize = 256
        /// Before a request that failed is tried again; doubles each time.
        package var retryWait = Duration.seconds(1)
        /// Whether what waits is still sent when the server stops.
        package var drainsOnShutdown = true

        /// Prometheus' defaults.
        package init() {}
    }

    /// Counts of one Alertmanager.
    struct Counts: Sendable {
        let url: String
        let length: Int
        let sent: Int
        let failed: Int
        let dropped: Int
    }

    private final class Receiver: Sendable {
        let url: String
        let group: AlertmanagerGroup
        let queue: AlertQueue
        let client: ConfiguredClient

        init(_ url: String, _ group: AlertmanagerGroup, capacity: Int) throws {
            self.url = url
            self.group = group
            queue = AlertQueue(capacity: capacity)
            client = try ConfiguredClient(group.http, connectTimeoutMs: group.timeoutMs)
        }
    }

    private struct State {
        var receivers: [Receiver] = []
        var dropped: [String] = []
        var relabelRules: [RelabelRule] = []
        var externalLabels: [(key: String, value: String)] = []
    }

    /// How long sending may go on when the server stops.
    private static let drainTime = Duration.seconds(5)

    package nonisolated let options: Options
    private let logger: Logger
    private nonisolated let state = Lock(State())
    private var tasks: [ObjectIdentifier: Task<Void, Never>] = [:]
    private var isStarted = false
    private var isStopped = false

    /// A notifier that knows no Alertmanagers.
    package init(options: Options = Options(), logger: Logger) {
        self.options = options
        self.logger = logger
    }

    /// URLs of the Alertmanagers that get alerts.
    package nonisolated var active: [String] { state.withLock { $0.receivers.map(\.url) } }

    /// URLs that relabelling has dropped.
    package nonisolated var dropped: [String] { state.withLock { $0.dropped } }

    nonisolated var counts: [Counts] {
        state.withLock { $0.receivers }.map { receiver in
            let counts = receiver.queue.counts
            return Counts(
                url: receiver.url, length: counts.length, sent: counts.sent, failed: counts.failed,
                dropped: counts.dropped)
        }
    }

    /// Queues alerts for all Alertmanagers. Returns at once.
    package nonisolated func send(_ alerts: [AlertNotification]) {
        let state = state.withLock { $0 }
        let all = alerts.compactMap { alert -> AlertNotification? in
            var labels = LabelsBuilder(alert.labels)
            for (key, value) in state.externalLabels where labels[key] == nil { labels.set(key, value) }
            return Self.relabelled(alert, labels.build(), state.relabelRules)
        }
        guard !all.isEmpty else { return }
        for receiver in state.receivers {
            let rules = receiver.group.alertRelabelRules
            receiver.queue.add(rules.isEmpty ? all : all.compactMap { Self.relabelled($0, $0.labels, rules) })
        }
    }

    private static func relabelled(
        _ alert: AlertNotification, _ labels: Labels, _ rules: [RelabelRule]
    ) -> AlertNotification? {
        guard let labels = RelabelRule.apply(rules, to: labels) else { return nil }
        var alert = alert
        alert.labels = labels
        return alert
    }

    /// Takes new Alertmanagers and rules. Queues of those that stay go on, unless `renews`, which begins with new settings.
    package func apply(
        _ groups: [AlertmanagerGroup], relabelRules: [RelabelRule], externalLabels: [(key: String, value: String)],
        renews: Bool
    ) {
        guard !isStopped else { return }
        var old = state.withLock { $0.receivers }
        var new: [Receiver] = []
        for group in groups {
            for url in group.urls where !new.contains(where: { $0.url == url }) {
                if !renews, let index = old.firstIndex(where: { $0.url == url }) {
                    new.append(old.remove(at: index))
                    continue
                }
                do {
                    let receiver = try Receiver(url, group, capacity: options.queueCapacity)
                    if isStarted { start(receiver) }
                    new.append(receiver)
                } catch {
                    logger.error(
                        "an Alertmanager cannot be used", metadata: ["alertmanager": "\(url)", "error": "\(error)"])
                }
            }
        }
        let receivers = new
        let dropped = groups.flatMap(\.dropped)
        state.withLock { state in
            state.receivers = receivers
            state.dropped = dropped
            state.relabelRules = relabelRules
            state.externalLabels = externalLabels
        }
        // What waits for those that go is still tried.
        for receiver in old {
            receiver.queue.close(drains: true)
            if !isStarted { start(receiver) }
        }
    }

    /// Sends until the server shuts down.
    package func run() async throws {
        isStarted = true
        for receiver in state.withLock({ $0.receivers }) { start(receiver) }
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(86_400))) != nil {}
        }
        isStopped = true
        for receiver in state.withLock({ $0.receivers }) { receiver.queue.close(drains: options.drainsOnShutdown) }
        let tasks = Array(tasks.values)
        let patience = Task {
            try await Task.sleep(for: Self.drainTime)
            for task in tasks { task.cancel() }
        }
        for task in tasks { await task.value }
        patience.cancel()
    }

    private func start(_ receiver: Receiver) {
        let sender = AlertmanagerSender(
            url: receiver.url, http: receiver.group.http, timeoutMs: receiver.group.timeoutMs, client: receiver.client,
            queue: receiver.queue, batchSize: options.batchSize, retryWait: options.retryWait, logger: logger)
        tasks[ObjectIdentifier(receiver)] = Task {
            await sender.run()
            await receiver.client.shutdown()
            self.ended(receiver)
        }
    }

    private func ended(_ receiver: Receiver) { tasks[ObjectIdentifier(receiver)] = nil }
}
