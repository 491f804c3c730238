package import ArgumentParser
import Rules
package import Service

/// The flags of rules and of the alerts they give, under Prometheus' names.
package struct RuleFlags: ParsableArguments, Sendable {
    @Option(
        name: .customLong("rules.alert.for-outage-tolerance"),
        help: ArgumentHelp(
            "Alerts that were active longer ago than this are not restored after a restart.", value: .duration))
    package var outageTolerance = FlagDuration(milliseconds: 3_600_000)

    @Option(
        name: .customLong("rules.alert.for-grace-period"),
        help: ArgumentHelp(
            "Restored alerts wait at least this long before they fire, unless their rule waits less.", value: .duration)
    )
    package var gracePeriod = FlagDuration(milliseconds: 600_000)

    @Option(
        name: .customLong("rules.alert.resend-delay"),
        help: ArgumentHelp("Alertmanagers are told of an alert again after this, at the earliest.", value: .duration))
    package var resendDelay = FlagDuration(milliseconds: 60_000)

    @Option(
        name: .customLong("rules.max-concurrent-evals"),
        help: ArgumentHelp(
            "Rules that are evaluated at a time; those that need each other keep their order.", value: .count))
    package var maxConcurrentEvaluations = 4

    @Option(
        name: .customLong("rules.path"),
        help: ArgumentHelp(
            "Directory of rules that are written over HTTP (/config/v1/rules); without it none are taken.",
            value: .directory))
    package var path: String?

    @Option(
        name: .customLong("alertmanager.notification-queue-capacity"),
        help: ArgumentHelp("Alerts that wait for one Alertmanager; beyond that the oldest go.", value: .count))
    package var queueCapacity = 10_000

    @Option(
        name: .customLong("alertmanager.notification-batch-size"),
        help: ArgumentHelp("Alerts in one request.", value: .count))
    package var batchSize = 256

    @Flag(
        name: .customLong("alertmanager.drain-notification-queue-on-shutdown"), inversion: .prefixedNo,
        help: "Whether alerts that wait are sent before the server stops, for up to 5 s.")
    package var drainsOnShutdown = true

    package init() {}

    package mutating func validate() throws {
        guard (1...1000).contains(maxConcurrentEvaluations) else {
            throw ValidationError("--rules.max-concurrent-evals must be within 1 and 1000")
        }
        guard (1...10_000_000).contains(queueCapacity) else {
            throw ValidationError("--alertmanager.notification-queue-capacity must be within 1 and 10000000")
        }
        guard (1...100_000).contains(batchSize) else {
            throw ValidationError("--alertmanager.notification-batch-size must be within 1 and 100000")
        }
    }

    var settings: RuleContext.Settings {
        var settings = RuleContext.Settings()
        settings.outageToleranceMs = outageTolerance.milliseconds
        settings.gracePeriodMs = gracePeriod.milliseconds
        settings.resendDelayMs = resendDelay.milliseconds
        return settings
    }

    var notifierOptions: AlertNotifier.Options {
        var options = AlertNotifier.Options()
        options.queueCapacity = queueCapacity
        options.batchSize = batchSize
        options.drainsOnShutdown = drainsOnShutdown
        return options
    }

    /// For `/api/v1/status/flags`.
    var values: [(name: String, value: String)] {
        [
            ("alertmanager.drain-notification-queue-on-shutdown", "\(drainsOnShutdown)"),
            ("alertmanager.notification-batch-size", "\(batchSize)"),
            ("alertmanager.notification-queue-capacity", "\(queueCapacity)"),
            ("rules.alert.for-grace-period", "\(gracePeriod)"),
            ("rules.alert.for-outage-tolerance", "\(outageTolerance)"),
            ("rules.alert.resend-delay", "\(resendDelay)"),
            ("rules.max-concurrent-evals", "\(maxConcurrentEvaluations)"), ("rules.path", path ?? ""),
        ]
    }
}
