import Durable
import Logging
import RemoteStorage
import Service
import SpanMetrics
import TraceStorage

extension TraceServer {
    /// The directory of the generator beside those of the tenants, none of which can have its name.
    private static let generatorDirectory = "metrics-generator~"

    /// Adds what makes metrics of spans; nil when nothing is to be made.
    static func addGenerator(
        to daemon: inout Daemon, _ config: GeneratorConfig, beside directory: String, maxTenants: Int
    ) async throws -> MetricsGenerator? {
        guard config.isEnabled else { return nil }
        let logger = daemon.logger
        if config.receivers.isEmpty {
            logger.warning(
                "metrics of spans are made and sent nowhere: metrics_generator.storage.remote_write is empty")
        }
        let generator = try await MetricsGenerator(
            config,
            .init(
                path: config.path ?? FilePath.join(directory, generatorDirectory), single: TenantID.single.name,
                limit: maxTenants, limitKey: TenantOptions.key, budget: daemon.memory, blocking: daemon.blocking,
                logger: logger))
        GeneratorMetrics.register(generator, in: .shared)
        let forwarding = generator.forwarding
        daemon.onShutdown {
            do {
                try await forwarding.close()
            } catch {
                logger.error("cannot close the log of metrics of spans", metadata: ["error": "\(error)"])
            }
        }
        // Services stop in reverse: what was counted last is written before sending ends.
        daemon.add(forwarding)
        daemon.add(generator)
        return generator
    }
}

extension GeneratorConfig {
    /// The same, sending to one more receiver. Where nothing was to be made, everything is.
    func sending(to url: String?) throws(UsageError) -> GeneratorConfig {
        guard let url else { return self }
        guard ["http://", "https://"].contains(where: { url.hasPrefix($0) && url != $0 }) else {
            throw UsageError(
                "--span-metrics.remote-write-url must be a URL that begins with http:// or https://, not \"\(url)\"")
        }
        var config = self
        config.receivers.append(RemoteWriteConfig(url: url))
        if !isEnabled {
            config.spanMetrics = SpanMetricsConfig()
            config.serviceGraphs = ServiceGraphConfig()
        }
        return config
    }
}
