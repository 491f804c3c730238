import MartletCore

/// Tells a receiver of an alert that does not exist, to see whether it can be told.
package struct ReceiverTest: Sendable {
    /// What one integration made of it.
    package struct Result: Sendable {
        /// The position among the receiver's webhooks.
        package let integration: Int
        /// How long it took.
        package let seconds: Double
        /// Why it failed; nil when the receiver answered 2xx.
        package let error: String?
    }

    /// Seconds for the answer of an integration without a shorter timeout of its own.
    private static let patience = 15.0

    private let manager: AlertManager
    private let sender: WebhookSender
    private let externalURL: String

    /// Tests receivers of the configuration in use.
    package init(manager: AlertManager, sender: WebhookSender, externalURL: String) {
        self.manager = manager
        self.sender = sender
        self.externalURL = externalURL
    }

    /// Makes one attempt with each of the receiver's integrations, all at once, and remembers what came of them. Grouping,
    /// silences and time intervals have no say.
    /// - Returns: the results in the order of the configuration; nil when there is no such receiver.
    package func run(_ name: String, alert: Alert) async -> [Result]? {
        guard let receiver = manager.config.receiver(named: name) else { return nil }
        let results = await withTaskGroup(of: Result.self) { group in
            for (index, webhook) in receiver.webhooks.enumerated() {
                group.addTask { await attempt(name, alert, index, webhook) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.integration < $1.integration }
        }
        let now = manager.now()
        manager.history.withLock { history in
            for result in results {
                history.add(
                    NotificationOutcome(
                        endedAt: now, seconds: result.seconds, attempts: 1, receiver: name,
                        integration: result.integration, groupKey: "", labels: alert.labels, firing: 1, resolved: 0,
                        error: result.error, isTest: true))
            }
        }
        return results
    }

    private func attempt(_ name: String, _ alert: Alert, _ index: Int, _ webhook: WebhookConfig) async -> Result {
        let body = WebhookMessage.body(
            receiver: name, groupKey: Self.groupKey(alert.labels), groupLabels: alert.labels,
            alerts: [(alert.fingerprint, alert, false)], limit: 0, externalURL: externalURL)
        let startedAt = manager.now()
        let configured = Double(webhook.timeout) / 1e9
        var failure: String?
        do throws(NotifyError) {
            try await sender.send(
                body, to: webhook, timeout: configured > 0 ? min(configured, Self.patience) : Self.patience)
        } catch {
            failure = NotificationHistory.bounded(error.reason)
        }
        return Result(integration: index, seconds: Double(manager.now() - startedAt) / 1e9, error: failure)
    }

    /// A key that no route can make, so that a receiver which goes by it takes nothing else for the test.
    private static func groupKey(_ labels: Labels) -> String {
        "{}/{test}:{\(labels.pairs.map { "\($0.name)=\(GoQuote.quote($0.value))" }.joined(separator: ", "))}"
    }
}
