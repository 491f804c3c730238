package import Logging
import MartletCore
import Metrics
package import Service
import ServiceLifecycle

/// Runs the router: wakes when a group is due, sends what is to be told, and keeps house.
package struct NotificationService: ServiceLifecycle.Service {
    private let manager: AlertManager
    private let sender: WebhookSender
    private let blocking: BlockingPool
    private let logger: Logger
    private let externalURL: String
    private static let alertGarbageSeconds: Int64 = 1800
    private static let historyGarbageSeconds: Int64 = 900

    /// `externalURL` is where people reach this server; it goes into every notification.
    package init(
        manager: AlertManager, sender: WebhookSender, blocking: BlockingPool, logger: Logger, externalURL: String
    ) {
        self.manager = manager
        self.sender = sender
        self.blocking = blocking
        self.logger = logger
        self.externalURL = externalURL
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await keepHouse() }
                while !Task.isCancelled {
                    for work in manager.due() { group.addTask { await perform(work) } }
                    let wait = manager.nextDue.map { Double($0 - manager.now()) / 1e9 } ?? 3600
                    await manager.waker.wait(seconds: min(max(wait, 0.01), 3600))
                }
                group.cancelAll()
            }
        }
    }

    private func perform(_ work: AlertManager.Work) async {
        var success = true
        await withTaskGroup(of: Bool.self) { group in
            for notification in work.notifications {
                group.addTask { await send(notification, deadline: work.flush.deadline) }
            }
            for await sent in group where !sent { success = false }
        }
        manager.finished(work.flush, success: success)
    }

    /// Tries until it is told, refused for good, or the group's next turn has come.
    private func send(_ notification: AlertManager.Notification, deadline: Int64) async -> Bool {
        if notification.alerts.isEmpty {
            return await record(notification)
        }
        let labels = [("integration", "webhook"), ("receiver_name", notification.receiver)]
        let body = WebhookMessage.body(
            receiver: notification.receiver, groupKey: notification.groupKey, groupLabels: notification.groupLabels,
            alerts: notification.alerts, limit: notification.webhook.maxAlerts, externalURL: externalURL)
        var backoff = Backoff()
        var attempt = 1
        let startedAt = manager.now()
        Counter(label: "alertmanager_notifications_total", dimensions: labels).increment()
        while true {
            let left = Double(deadline - manager.now()) / 1e9
            let configured = Double(notification.webhook.timeout) / 1e9
            do throws(NotifyError) {
                Counter(label: "alertmanager_notification_requests_total", dimensions: labels).increment()
                try await sender.send(
                    body, to: notification.webhook, timeout: max(0.1, configured > 0 ? min(configured, left) : left))
                if attempt > 1 { log(notification, .info, "notify success after \(attempt) attempts") }
                note(notification, startedAt: startedAt, attempts: attempt, error: nil)
                return await record(notification)
            } catch {
                Counter(label: "alertmanager_notification_requests_failed_total", dimensions: labels).increment()
                let wait = backoff.next()
                let isLast = !error.canRetry || Task.isCancelled || manager.now() + Int64(wait * 1e9) >= deadline
                if isLast || attempt == 1 {
                    log(
                        notification, isLast ? .error : .warning,
                        "notify \(isLast ? "failed" : "attempt failed, will retry later"): \(error)")
                }
                if isLast {
                    Counter(label: "alertmanager_notifications_failed_total", dimensions: labels).increment()
                    note(notification, startedAt: startedAt, attempts: attempt, error: error.reason)
                    return false
                }
                manager.history.withLock { [attempt] history in
                    history.fail(notification.key, at: manager.now(), attempts: attempt, error: error.reason)
                }
                attempt += 1
                do {
                    try await Task.sleep(for: .seconds(wait))
                } catch {
                    manager.history.withLock { $0.forget(notification.key) }
                    return false  // The server stops; the log does not say that it was told.
                }
            }
        }
    }

    /// Remembers how a notification ended, for those who ask.
    private func note(_ notification: AlertManager.Notification, startedAt: Int64, attempts: Int, error: String?) {
        let now = manager.now()
        let resolved = notification.alerts.count(where: \.isResolved)
        let outcome = NotificationOutcome(
            endedAt: now, seconds: Double(now - startedAt) / 1e9, attempts: attempts, receiver: notification.receiver,
            integration: notification.integration, groupKey: notification.groupKey, labels: notification.groupLabels,
            firing: notification.alerts.count - resolved, resolved: resolved,
            error: error.map(NotificationHistory.bounded), isTest: false)
        manager.history.withLock { $0.add(outcome, key: notification.key) }
    }

    private func record(_ notification: AlertManager.Notification) async -> Bool {
        do {
            try await blocking.run { try manager.told(notification) }
        } catch {
            // It was told; without the entry it may be told again after a restart.
            log(notification, .error, "cannot write the notification log: \(error)")
        }
        return true
    }

    private func log(_ notification: AlertManager.Notification, _ level: Logger.Level, _ text: String) {
        logger.log(
            level: level, "\(text)",
            metadata: [
                "receiver": .string(notification.receiver), "group": .string(notification.groupKey),
                "alerts": .stringConvertible(notification.alerts.count),
            ])
    }

    private func keepHouse() async {
        var nextAlerts = manager.now() + NotificationService.alertGarbageSeconds * 1_000_000_000
        var nextHistory = manager.now() + NotificationService.historyGarbageSeconds * 1_000_000_000
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: .seconds(60))
            } catch {
                return
            }
            let now = manager.now()
            if now >= nextAlerts {
                nextAlerts = now + NotificationService.alertGarbageSeconds * 1_000_000_000
                manager.collectAlerts()
            }
            if now >= nextHistory {
                nextHistory = now + NotificationService.historyGarbageSeconds * 1_000_000_000
                do {
                    try await blocking.run { try manager.collectHistory() }
                } catch {
                    logger.error("cannot collect old silences and notifications: \(error)")
                }
            }
        }
    }
}
