import Durable
package import Logging
package import MartletCore
package import RemoteStorage
package import Service
import ServiceLifecycle

/// Makes metrics of spans, for each tenant, and sends them to a metric store by remote write.
///
/// Spans are counted in memory as they are accepted. At intervals all series are written to a log, which `forwarding` sends
/// on; counts are kept in a file, so that they go on after a restart. What was counted since the last collection is lost when
/// the process is killed, not when it is stopped.
package final class MetricsGenerator: ServiceLifecycle.Service {
    /// What it runs with.
    package struct Context: Sendable {
        /// The directory of logs and counts.
        package let path: String
        /// The tenant of requests that name none.
        package let single: String
        /// Most tenants, and the flag or key that says so.
        package let limit: Int
        package let limitKey: String
        package let budget: MemoryBudget
        package let blocking: BlockingPool
        package let logger: Logger

        /// What it runs with.
        package init(
            path: String, single: String, limit: Int, limitKey: String, budget: MemoryBudget, blocking: BlockingPool,
            logger: Logger
        ) {
            self.path = path
            self.single = single
            self.limit = limit
            self.limitKey = limitKey
            self.budget = budget
            self.blocking = blocking
            self.logger = logger
        }
    }

    /// Sends what is made; a service of its own, which must stop after this one.
    package let forwarding: TenantForwarding
    private let config: GeneratorConfig
    private let context: Context
    private let instance: String
    private let startMs = WallClock.milliseconds
    private let generators = Lock<[String: TenantGenerator]>([:])
    /// Series that the limit had kept from being made when it was looked at last.
    private let limitedSeen = Lock<[String: Int]>([:])

    /// Opens the logs of an earlier process, whose series go on. Nothing is sent before `forwarding` runs.
    package init(_ config: GeneratorConfig, _ context: Context) async throws {
        self.config = config
        self.context = context
        let path = context.path
        instance = try await context.blocking.run { [named = config.instance] in
            try DiskFileSystem().makeDirectories(path)
            return try named ?? WriterName.kept(in: path)
        }
        var options = ForwardingLog.Options()
        options.sending.flushDeadlineMs = config.flushDeadlineMs
        var settings = TenantForwarding.Settings()
        settings.tenantHeader = config.namesTenants ? .unlessConfigured : .never
        // Exemplars and native histograms are sent where there are any, as by Tempo.
        settings.receivers = config.receivers.map { receiver in
            var receiver = receiver
            receiver.sendsExemplars = true
            receiver.sendsHistograms = config.registry.histograms.hasNative
            return receiver
        }
        forwarding = try await TenantForwarding(
            .init(
                path: path, single: context.single, limit: context.limit, limitKey: context.limitKey, options: options,
                budget: context.budget, blocking: context.blocking, logger: context.logger), settings: settings)
        for (tenant, _) in forwarding.all { _ = generator(for: tenant) }
    }

    /// The generator of a tenant, whose number the caller has bounded.
    package func generator(for tenant: String) -> TenantGenerator {
        generators.withLock { generators in
            if let known = generators[tenant] { return known }
            let made = TenantGenerator(
                config, tenant: tenant, instance: instance, budget: context.budget, startMs: startMs)
            generators[tenant] = made
            return made
        }
    }

    /// All generators with their tenants, in the order of the names.
    var all: [(tenant: String, generator: TenantGenerator)] {
        generators.withLock { $0 }.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    /// Series of a tenant that there may be; 0 for no limit.
    var maxActiveSeries: Int { config.registry.maxActiveSeries }

    /// Says when spans were counted under `metric_overflow` since the last collection.
    private func warnOfLimit(_ tenant: String, _ limited: Int) {
        let isNews = limitedSeen.withLock { seen in
            defer { seen[tenant] = limited }
            return limited > seen[tenant, default: 0]
        }
        guard isNews else { return }
        let registry = config.registry
        context.logger.warning(
            "series of metrics of spans are joined in one with metric_overflow=\"true\": there are too many",
            metadata: [
                "tenant": "\(tenant)",
                "limit": "\(registry.maxActiveSeries == 0 ? "memory" : String(registry.maxActiveSeries))",
                "cure": "raise \(registry.maxActiveSeries == 0 ? "--memory.limit" : registry.maxActiveSeriesKey)",
            ])
    }

    /// Collects until the server shuts down, and then what has come since.
    package func run() async throws {
        // What an earlier process has counted is there before anything is collected, or sent.
        await collect()
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .milliseconds(self.config.registry.collectionIntervalMs))) != nil {
                await self.collect()
            }
        }
        await collect()
    }

    /// Collects of all tenants. The failure of one keeps no other from it.
    func collect() async {
        for (tenant, generator) in all {
            do {
                try await collect(tenant, generator)
            } catch is CancellationError {
                return
            } catch {
                context.logger.error(
                    "metrics of spans cannot be written; they are written with the next collection",
                    metadata: ["tenant": "\(tenant)", "error": "\(error)"])
            }
        }
    }

    private func collect(_ tenant: String, _ generator: TenantGenerator) async throws {
        let log = try await forwarding.log(of: tenant)
        let file = FilePath.join(FilePath.join(context.path, tenant), GeneratorState.fileName)
        let problem = try await context.blocking.run { () throws -> String? in
            let problem = try generator.restore(from: file)
            try generator.collect(statePath: file, nowMs: WallClock.milliseconds) { (series) throws(DurableError) in
                try log.append(series)
            }
            return problem
        }
        warnOfLimit(tenant, generator.statistics.counts.seriesLimited)
        if let problem {
            context.logger.error(
                "the counts of the process before cannot be read; series begin anew",
                metadata: ["file": "\(file)", "error": "\(problem)"])
        }
    }
}
