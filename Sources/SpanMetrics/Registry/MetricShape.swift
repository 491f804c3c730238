import MartletCore
import MetricStorage

/// The metrics that every entity of a table has, and the names of the labels in its keys.
struct MetricShape: Sendable {
    struct Family: Sendable {
        let name: String
        let help: String
    }

    let counters: [Family]
    /// Metrics that are 1 as long as the entity lives.
    let infos: [Family]
    let histograms: [Family]
    /// Names in the order of a key's values; nil when a key has name and value of each label in turn.
    let labelNames: [String]?
    /// Upper bounds, ascending, without infinity.
    let bounds: [Double]
    let mode: HistogramMode
    let nativeSchema: Int32
    let nativeBuckets: Int
    let traceIDLabel: String
    /// Labels of all series.
    let commonLabels: [(key: String, value: String)]
    /// Buckets of a histogram, the one without an upper bound included.
    let buckets: Int
    /// Numbers of a histogram: its sum, and what each bucket has.
    let valuesPerHistogram: Int
    /// Numbers of an entity: counters, then histograms.
    let stride: Int
    /// Series of an entity.
    let seriesPerEntity: Int

    init(
        counters: [Family] = [], infos: [Family] = [], histograms: [Family] = [], labelNames: [String]?,
        bounds: [Double] = [], _ config: RegistryConfig, commonLabels: [(key: String, value: String)]
    ) {
        self.counters = counters
        self.infos = infos
        self.histograms = histograms
        self.labelNames = labelNames
        self.bounds = bounds
        mode = config.histograms
        nativeSchema = config.nativeSchema
        nativeBuckets = config.nativeBuckets
        traceIDLabel = config.traceIDLabel
        self.commonLabels = commonLabels
        buckets = bounds.count + 1
        valuesPerHistogram = 1 + buckets
        stride = counters.count + histograms.count * valuesPerHistogram
        let classic = mode.hasClassic ? buckets + 2 : 0
        seriesPerEntity = counters.count + infos.count + histograms.count * (classic + (mode.hasNative ? 1 : 0))
    }

    /// No metrics at all.
    static func none(_ config: RegistryConfig) -> MetricShape { MetricShape(labelNames: [], config, commonLabels: []) }

    /// What must be the same for counts of another process to go on.
    var fingerprint: UInt64 {
        var text = (labelNames ?? ["*"]).joined(separator: ",") + "|\(mode.rawValue)|\(nativeSchema)|\(nativeBuckets)|"
        text += bounds.map { "\($0)" }.joined(separator: ",") + "|"
        text += (counters + infos + histograms).map(\.name).joined(separator: ",") + "|"
        text += commonLabels.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return Hash64.hash(Array(text.utf8))
    }

    // MARK: Labels

    /// The labels of all series of an entity, in the order in which `MetricTable.series` writes them.
    func labels(_ key: UnsafeRawBufferPointer) -> [Labels] {
        var base = common
        let values = LabelKey.values(key)
        if let labelNames {
            for (name, value) in zip(labelNames, values) { Bytes.of(name) { base.setBytes($0, value) } }
        } else {
            for index in stride2(values.count) { base.setBytes(values[index], values[index + 1]) }
        }
        return labels(&base)
    }

    /// The labels of the entity that stands for those beyond the limit.
    func overflowLabels() -> [Labels] {
        var base = common
        base.set("metric_overflow", "true")
        return labels(&base)
    }

    /// What an entity's own labels are put on top of: replaced ones would make one series of several entities.
    private var common: LabelsBuilder {
        var base = LabelsBuilder()
        for (key, value) in commonLabels { base.set(key, value) }
        return base
    }

    private func stride2(_ count: Int) -> StrideTo<Int> { Swift.stride(from: 0, to: count - 1, by: 2) }

    private func labels(_ base: inout LabelsBuilder) -> [Labels] {
        var all: [Labels] = []
        all.reserveCapacity(seriesPerEntity)
        func add(_ name: String) {
            base.set(Labels.metricName, name)
            all.append(base.build())
        }
        for family in counters + infos { add(family.name) }
        for family in histograms {
            if mode.hasClassic {
                for bound in bounds + [.infinity] {
                    base.set("le", Self.boundText(bound))
                    add(family.name + "_bucket")
                }
                base.remove("le")
                add(family.name + "_sum")
                add(family.name + "_count")
            }
            if mode.hasNative { add(family.name) }
        }
        return all
    }

    /// As Tempo writes `le`: digits without an exponent.
    private static func boundText(_ bound: Double) -> String {
        var out: [UInt8] = []
        FloatText.appendFixed(bound, to: &out)
        return String(decoding: out, as: UTF8.self)
    }
}
