import Wire

/// One reading of the registry: what is registered and what collectors add, in the order of names.
package struct MetricCollection {
    /// One sample: its labels and its value.
    package typealias Sample = (labels: [(name: String, value: String)], value: Double)

    private enum Content {
        case registered(MetricFamily)
        case computed(MetricType, String, [Sample])
        case summary(String, Summary)
    }

    /// Quantiles of what was observed, and its sum and number.
    package struct Summary {
        let quantiles: [(quantile: Double, value: Double)]
        let sum: Double
        let count: Int

        /// A summary; quantiles between 0 and 1.
        package init(quantiles: [(quantile: Double, value: Double)], sum: Double, count: Int) {
            self.quantiles = quantiles
            self.sum = sum
            self.count = count
        }
    }

    private var families: [String: Content] = [:]

    init() {}

    mutating func add(_ name: String, _ family: MetricFamily) {
        families[name] = .registered(family)
    }

    /// A counter without labels.
    package mutating func counter(_ name: String, _ help: String, _ value: Double) {
        families[name] = .computed(.counter, help, [([], value)])
    }

    /// A gauge without labels.
    package mutating func gauge(_ name: String, _ help: String, _ value: Double) {
        families[name] = .computed(.gauge, help, [([], value)])
    }

    /// A counter with labels.
    package mutating func counters(_ name: String, _ help: String, _ samples: [Sample]) {
        families[name] = .computed(.counter, help, samples)
    }

    /// A gauge with labels.
    package mutating func gauges(_ name: String, _ help: String, _ samples: [Sample]) {
        families[name] = .computed(.gauge, help, samples)
    }

    /// Values whose kind is not known, with labels.
    package mutating func untyped(_ name: String, _ help: String, _ samples: [Sample]) {
        families[name] = .computed(.unknown, help, samples)
    }

    /// A summary without labels.
    package mutating func summary(_ name: String, _ help: String, _ summary: Summary) {
        families[name] = .summary(help, summary)
    }

    func render(_ format: ExpositionFormat) -> [UInt8] {
        var writer = ExpositionWriter(format)
        for (name, content) in families.sorted(by: { $0.key < $1.key }) {
            switch content {
            case .registered(let family):
                guard !family.series.isEmpty else { continue }
                writer.family(name, family.type, help: family.help)
                for (_, series) in family.series.sorted(by: { $0.key < $1.key }) {
                    series.value.write(labels: series.labels, to: &writer)
                }
            case .computed(let type, let help, let samples):
                guard !samples.isEmpty else { continue }
                writer.family(name, type, help: help)
                for sample in samples { writer.sample(labels: sample.labels, value: sample.value) }
            case .summary(let help, let summary):
                writer.family(name, .summary, help: help)
                for (quantile, value) in summary.quantiles {
                    writer.sample(labels: [("quantile", "\(quantile)")], value: value)
                }
                writer.sample(suffix: "_sum", value: summary.sum)
                writer.sample(suffix: "_count", value: Double(summary.count))
            }
        }
        return writer.finish()
    }
}
