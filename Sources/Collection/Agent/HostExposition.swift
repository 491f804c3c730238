import Logging
import MartletCore
package import Service

/// The host's metrics in the registry's readings.
package final class HostExposition: Sendable {
    private let registry: HostRegistry
    private let logger: Logger
    private let failing = Lock<[String: HostError]>([:])

    /// A scrape of `registry` per reading; what fails is logged once until it changes.
    package init(registry: HostRegistry, daemon: Daemon) {
        self.registry = registry
        logger = daemon.logger
    }

    /// Adds all families. Blocks.
    package func add(to collection: inout MetricCollection) {
        let (families, failures) = registry.scrape()
        for family in families {
            let samples: [MetricCollection.Sample] = family.samples.map { (labels: $0.labels, value: $0.value) }
            switch family.kind {
            case .counter: collection.counters(family.name, family.help, samples)
            case .gauge: collection.gauges(family.name, family.help, samples)
            case .untyped: collection.untyped(family.name, family.help, samples)
            }
        }
        let news = failing.withLock { failing in
            let before = failing
            failing = Dictionary(failures.map { ($0.collector, $0.error) }, uniquingKeysWith: { $1 })
            return failures.filter { before[$0.collector] != $0.error }
        }
        for failure in news {
            if case .absent = failure.error {
                logger.debug("collector \(failure.collector): \(failure.error)")
            } else {
                logger.warning("collector \(failure.collector): \(failure.error)")
            }
        }
    }
}
