import Durable
import Logging
import MartletCore
import MetricStorage
import PromQL
import Rules
import Scraping
import Service
import Templates

/// Rules, who is told of their alerts, and how both follow the configuration.
struct RuleServices: Sendable {
    let manager = RuleManager()
    let notifier: AlertNotifier
    let watch: AlertmanagerWatch
    /// One change of rules or configuration at a time: what is loaded last is applied last.
    let changes = TaskQueue()
    /// Rules that are written over HTTP; nil unless enabled.
    let written: RuleDirectory?
    private let base: RuleContext
    private let threads: BlockingPool

    init(
        store: MetricStore, source: any MetricSource, engine: Engine, flags: MetricFlags, externalURL: ExternalURL,
        logger: Logger
    ) {
        notifier = AlertNotifier(options: flags.rules.notifierOptions, logger: logger)
        watch = AlertmanagerWatch(notifier: notifier, logger: logger)
        threads = BlockingPool(threads: flags.rules.maxConcurrentEvaluations, queueLimit: 100_000)
        written = flags.rules.path.map {
            RuleDirectory($0, suffix: ".yml", language: PromQLRules(engine.options.parserOptions))
        }
        var evaluator = PromQLEvaluator(engine, source)
        evaluator.maxSamples = flags.queryMaxSamples
        evaluator.timeoutSeconds = Double(flags.queryTimeout.milliseconds) / 1000
        evaluator.memory = store.queryBudget
        var base = RuleContext(
            evaluator: evaluator, history: evaluator, sink: RuleStorage(store: store), threads: threads, logger: logger)
        base.settings = flags.rules.settings
        base.externalURL = externalURL
        base.notify = { [notifier] in notifier.send($0) }
        self.base = base
    }

    /// All groups of the configuration's rule files and of those written over HTTP. Reads files.
    func load(_ config: PrometheusConfig) throws -> [RuleManager.Source] {
        var sources: [RuleManager.Source] = []
        var messages: [String] = []
        var seen: Set<String> = []
        let files = try config.ruleFiles.flatMap(FilePath.matches) + (written?.files() ?? [])
        for path in files where seen.insert(path).inserted {
            do throws(RuleFileError) {
                let file = try RuleFile(path: path, language: base.evaluator.language)
                sources += file.groups.map { RuleManager.Source(file: path, group: $0) }
            } catch {
                messages += error.messages
            }
        }
        guard messages.isEmpty else { throw UsageError(messages.joined(separator: "; ")) }
        return sources
    }

    /// Takes a configuration and the groups that were loaded for it.
    func apply(_ config: PrometheusConfig, _ sources: [RuleManager.Source]) async {
        await watch.apply(config)
        await manager.apply(sources, intervalMs: config.global.evaluationIntervalMs, context(config))
    }

    /// Loads and applies again after rules were written; `config` is asked for the configuration once it is this change's
    /// turn.
    func reload(_ config: @escaping @Sendable () -> PrometheusConfig) async throws {
        try await changes.run {
            let config = config()
            let sources = try await threads.run { try load(config) }
            await manager.apply(sources, intervalMs: config.global.evaluationIntervalMs, context(config))
        }
    }

    /// What rules are evaluated with under a configuration.
    private func context(_ config: PrometheusConfig) -> RuleContext {
        var context = base
        context.settings.queryOffsetMs = config.global.ruleQueryOffsetMs
        context.externalLabels = config.global.externalLabels
        return context
    }

    /// Ends the threads.
    func shutdown() async { await threads.shutdown() }
}
