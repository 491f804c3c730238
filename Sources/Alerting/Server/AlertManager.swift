package import Durable
package import Logging
package import MartletCore

/// The alert router: takes alerts in, keeps silences, and says what each group's receivers must be told.
///
/// State changes happen under one lock and are pure; what blocks (the two logs) is done by those who call the methods
/// marked so, off the event loops.
package final class AlertManager: Sendable {
    struct State {
        var config: AlertmanagerConfig
        var configText: String
        var store = AlertStore()
        var dispatcher: Dispatcher
        var inhibitor: Inhibitor
        var silences: Silences
        var notifications: [String: NotificationRecord]
        var flushes = 0
        /// Bytes taken from the memory budget.
        var charged = 0

        /// Brings the budget up to what the alerts take now, which groups and views hold a second time.
        mutating func account(_ budget: MemoryBudget) {
            let memory = store.memory * 2
            if memory > charged { budget.charge(memory - charged) } else { budget.release(charged - memory) }
            charged = memory
        }
    }

    /// The directories of the two logs.
    private static let (silencesName, notificationsName) = ("silences", "notifications")

    /// Gives Unix time in nanoseconds.
    package let now: @Sendable () -> Int64
    /// How long silences that are over and notifications are remembered, in nanoseconds.
    package let retention: Int64
    let waker = Waker()
    /// What came of notifications lately.
    let history = Lock(NotificationHistory())
    private let budget: MemoryBudget
    let state: Lock<State>
    /// Held over a change of silences and its way into the log, so that both are in the same order.
    private let silenceChange = Lock(())
    private let silenceLog: StateLog
    let notificationLog: StateLog

    /// Opens the logs below `directory` and reads what they hold; what cannot be read is logged and passed over. Blocks.
    package init(
        config: AlertmanagerConfig, directory: String, retention: Int64, sync: SyncPolicy, budget: MemoryBudget,
        logger: Logger, on fileSystem: any FileSystem = DiskFileSystem(), now: @escaping @Sendable () -> Int64
    ) throws(DurableError) {
        self.now = now
        self.retention = retention
        self.budget = budget
        silenceLog = try StateLog(
            FilePath.join(directory, Self.silencesName), magic: SilenceCodec.magic, sync: sync, logger: logger,
            on: fileSystem)
        notificationLog = try StateLog(
            FilePath.join(directory, Self.notificationsName), magic: NotificationRecord.magic, sync: sync,
            logger: logger, on: fileSystem)
        var silences: [Silence] = []
        for (key, value) in silenceLog.entries {
            guard let silence = SilenceCodec.decode(id: key, value) else {
                logger.error(
                    "a stored silence cannot be read and does not hold",
                    metadata: ["silence": .string(String(decoding: key, as: UTF8.self))])
                continue
            }
            silences.append(silence)
        }
        var notifications: [String: NotificationRecord] = [:]
        for (key, value) in notificationLog.entries {
            let key = String(decoding: key, as: UTF8.self)
            notifications[key] = NotificationRecord(value)
            if notifications[key] == nil {
                logger.error(
                    "a stored notification cannot be read, it may be sent again",
                    metadata: ["notification": .string(key)])
            }
        }
        state = Lock(
            State(
                config: config, configText: ConfigText.yaml(config), dispatcher: Dispatcher(routes: config.routes),
                inhibitor: Inhibitor(rules: config.inhibitRules),
                silences: Silences(silences), notifications: notifications))
    }

    deinit { budget.release(state.withLock { $0.charged }) }

    // MARK: Configuration

    /// The configuration in use.
    package var config: AlertmanagerConfig { state.withLock { $0.config } }

    /// The configuration as YAML, secrets hidden.
    package var configText: String { state.withLock { $0.configText } }

    /// Takes another configuration into use: groups are formed anew, and those that stay keep their clock.
    package func reload(_ config: AlertmanagerConfig) {
        let now = now()
        state.withLock { state in
            state.config = config
            state.configText = ConfigText.yaml(config)
            let alerts = state.store.all.map(\.alert)
            state.dispatcher.reload(config.routes, alerts: alerts, now: now)
            state.inhibitor = Inhibitor(rules: config.inhibitRules)
            for alert in alerts { state.inhibitor.put(alert) }
        }
        waker.wake()
    }

    // MARK: Alerts

    /// Takes alerts in; returns how many were not, since they are new and the memory budget is nearly used up.
    package func receive(_ alerts: [Alert]) -> Int {
        if alerts.isEmpty { return 0 }
        let now = now()
        let refused = state.withLock { state in
            var refused = 0
            for alert in alerts {
                if budget.headroom < budget.limit / 20, state.store[alert.fingerprint] == nil {
                    refused += 1
                    continue
                }
                defer { state.account(budget) }
                let merged = state.store.put(alert, now: now)
                state.inhibitor.put(merged)
                state.dispatcher.insert(merged, now: now)
            }
            return refused
        }
        waker.wake()
        return refused
    }

    // MARK: Notifications

    /// When ``due()`` has something to give, Unix nanoseconds.
    var nextDue: Int64? { state.withLock { $0.dispatcher.nextDue } }

    /// What one receiver's integration must be told.
    struct Notification: Sendable {
        let key: String
        let receiver: String
        /// The position among the receiver's webhooks.
        let integration: Int
        let webhook: WebhookConfig
        let groupLabels: Labels
        let groupKey: String
        let alerts: [(fingerprint: Fingerprint, alert: Alert, isResolved: Bool)]
        let record: NotificationRecord
    }

    /// A due group and the notifications it leads to; none when all is silenced, or nothing is new.
    struct Work: Sendable {
        let flush: GroupFlush
        let notifications: [Notification]
    }

    /// The groups that are due now.
    func due() -> [Work] {
        let now = now()
        return state.withLock { state in
            state.dispatcher.due(now: now).map { flush in
                Work(flush: flush, notifications: AlertManager.notifications(flush, state, retention: retention))
            }
        }
    }

    private static func notifications(_ flush: GroupFlush, _ state: State, retention: Int64) -> [Notification] {
        let route = state.config.routes.nodes[flush.route]
        guard mutingIntervals(route, state.config, now: flush.now).isEmpty else { return [] }
        let alerts = flush.alerts.filter { entry in
            state.inhibitor.inhibitors(of: entry.alert.labels, store: state.store, now: flush.now).isEmpty
                && state.silences.covering(entry.alert.labels, now: flush.now).isEmpty
        }
        guard !alerts.isEmpty, let receiver = state.config.receiver(named: route.receiver) else { return [] }
        let firing = Set(alerts.filter { !$0.isResolved }.map(\.fingerprint))
        let resolved = Set(alerts.filter(\.isResolved).map(\.fingerprint))
        return receiver.webhooks.enumerated().compactMap { index, webhook in
            let key = notificationKey(flush.key, receiver.name, index)
            guard
                NotificationRecord.needsUpdate(
                    last: state.notifications[key], firing: firing, resolved: resolved,
                    sendResolved: webhook.sendResolved, repeatInterval: route.repeatInterval, now: flush.now)
            else { return nil }
            return Notification(
                key: key, receiver: receiver.name, integration: index, webhook: webhook,
                groupLabels: flush.group.labels,
                groupKey: flush.key, alerts: webhook.sendResolved ? alerts : alerts.filter { !$0.isResolved },
                record: NotificationRecord(
                    timestamp: flush.now, firing: firing, resolved: resolved,
                    // Twice the repeat interval, so that a repeat is still known as one.
                    expiresAt: flush.now + min(max(retention, 2 * route.repeatInterval), .max / 4)))
        }
    }

    /// What identifies a notification in the log.
    private static func notificationKey(_ group: String, _ receiver: String, _ integration: Int) -> String {
        "\(group)|\(receiver)/webhook/\(integration)"
    }

    /// All groups with what their receivers know, by labels and receiver.
    package func groupNotifications() -> [GroupNotifications] {
        state.withLock { state in
            state.dispatcher.all.compactMap { group in
                let route = state.config.routes.nodes[group.route]
                guard let receiver = state.config.receiver(named: route.receiver) else { return nil }
                let integrations = receiver.webhooks.enumerated().map { index, webhook in
                    let key = AlertManager.notificationKey(group.key, receiver.name, index)
                    return GroupNotifications.Integration(
                        key: key, sendsResolved: webhook.sendResolved, record: state.notifications[key])
                }
                return GroupNotifications(
                    key: group.key, labels: group.labels, receiver: receiver.name, nextAt: group.nextFlush,
                    integrations: integrations)
            }.sorted { ($0.labels, $0.receiver) < ($1.labels, $1.receiver) }
        }
    }

    /// A notification has reached its receiver. Blocks.
    func told(_ notification: Notification) throws(DurableError) {
        state.withLock { $0.notifications[notification.key] = notification.record }
        try notificationLog.update([(key: Array(notification.key.utf8), value: notification.record.bytes)])
    }

    /// All notifications of a group have ended.
    func finished(_ flush: GroupFlush, success: Bool) {
        state.withLock { state in
            state.dispatcher.finished(flush, success: success)
            state.flushes += 1
        }
        waker.wake()
    }

    // MARK: Silences

    /// All silences.
    package func silences() -> [Silence] {
        let now = now()
        return state.withLock { $0.silences.all(now: now) }
    }

    /// One silence.
    package func silence(_ id: String) -> Silence? { state.withLock { $0.silences[id] } }

    /// Makes or changes a silence and returns its id; the change is in the log then. Blocks.
    package func setSilence(_ silence: Silence) throws -> String {
        try changeSilences { silences in
            let changed = try silences.set(silence, now: now(), newID: SilenceID.random)
            return (changed.last?.id ?? silence.id, changed.map { ($0.id, $0) })
        }
    }

    /// Ends a silence now. Blocks.
    package func expireSilence(_ id: String) throws {
        try changeSilences { silences in
            let ended = try silences.expire(id, now: now())
            return ((), ended.map { [($0.id, $0)] } ?? [])
        }
    }

    /// Makes a change that says which silences are different (or, with nil, gone) now. It holds once it is in the log.
    private func changeSilences<R>(
        _ change: (inout Silences) throws -> (result: R, changed: [(id: String, silence: Silence?)])
    ) throws -> R {
        try silenceChange.withLock { _ in
            var silences = state.withLock { $0.silences }
            let (result, changed) = try change(&silences)
            try silenceLog.update(changed.map { (key: Array($0.id.utf8), value: $0.silence.map(SilenceCodec.encode)) })
            state.withLock { $0.silences = silences }
            return result
        }
    }

    // MARK: Upkeep

    /// Forgets resolved alerts.
    package func collectAlerts() {
        let now = now()
        state.withLock { state in
            state.inhibitor.remove(state.store.collectGarbage(now: now))
            state.account(budget)
        }
    }

    /// Forgets silences and notifications that are past retention. Blocks.
    package func collectHistory() throws {
        let now = now()
        try changeSilences { silences in
            ((), silences.collectGarbage(now: now, retention: retention).map { ($0, nil) })
        }
        let old = state.withLock { state in
            let old = state.notifications.filter { $0.value.expiresAt <= now }.map(\.key)
            for key in old { state.notifications[key] = nil }
            return old
        }
        try notificationLog.update(old.map { (key: Array($0.utf8), value: nil) })
    }

    /// Writes silences and notifications as they are now into a directory that is there, laid out as the data directory.
    /// Blocks.
    package func snapshot(to target: String, on fileSystem: any FileSystem = DiskFileSystem()) throws(DurableError) {
        try silenceLog.copy(to: FilePath.join(target, Self.silencesName), on: fileSystem)
        try notificationLog.copy(to: FilePath.join(target, Self.notificationsName), on: fileSystem)
        try fileSystem.syncDirectory(target)
    }

    /// Syncs and ends the logs. Blocks.
    package func close() throws(DurableError) {
        try silenceLog.close()
        try notificationLog.close()
    }
}
