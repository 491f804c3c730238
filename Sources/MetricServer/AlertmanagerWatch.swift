import Logging
import MartletCore
import Rules
import Scraping
import ServiceLifecycle

/// Keeps the notifier told of the Alertmanagers that the configuration and its discovery files name.
actor AlertmanagerWatch: ServiceLifecycle.Service {
    private static let interval = Duration.seconds(5)

    private let notifier: AlertNotifier
    private let logger: Logger
    private var config = PrometheusConfig()
    private var discoveries: [AlertmanagerDiscovery] = []

    init(notifier: AlertNotifier, logger: Logger) {
        self.notifier = notifier
        self.logger = logger
    }

    /// Takes a new configuration.
    func apply(_ config: PrometheusConfig) async {
        self.config = config
        discoveries = config.alerting.alertmanagers.map { AlertmanagerDiscovery($0) }
        for index in discoveries.indices { _ = discoveries[index].refresh(logger) }
        await publish(renews: true)
    }

    /// Looks at the discovery files every few seconds.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil { await self.refresh() }
        }
    }

    private func refresh() async {
        var changed = false
        for index in discoveries.indices { changed = discoveries[index].refresh(logger) || changed }
        if changed { await publish(renews: false) }
    }

    private func publish(renews: Bool) async {
        let groups = discoveries.map { discovery in
            let urls = discovery.urls
            return AlertmanagerGroup(
                urls: urls.active, dropped: urls.dropped, http: discovery.config.http,
                timeoutMs: discovery.config.timeoutMs, alertRelabelRules: discovery.config.alertRelabelRules)
        }
        await notifier.apply(
            groups, relabelRules: config.alerting.relabelRules, externalLabels: config.global.externalLabels,
            renews: renews)
    }
}
