/// Type, unit and help of a series' metric family, as a record of the write-ahead log has them.
struct MetadataRecord: Hashable {
    /// Prometheus' words, by their numbers in the log.
    private static let types = [
        "unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset",
    ]

    /// Number of the type.
    var type: UInt8
    var unit: [UInt8]
    var help: [UInt8]
    /// The family's name, where it is another than the series' metric; our own addition, which Prometheus passes over.
    var family: [UInt8]

    init(type: UInt8, unit: [UInt8], help: [UInt8], family: [UInt8]) {
        self.type = type
        self.unit = unit
        self.help = help
        self.family = family
    }

    /// The record of a family on a series of the metric.
    init(_ entry: MetadataTable.Entry, family: String, metric: String) {
        type = UInt8(Self.types.firstIndex(of: entry.type) ?? 0)
        unit = Array(entry.unit.utf8)
        help = Array(entry.help.utf8)
        self.family = family == metric ? [] : Array(family.utf8)
    }

    /// What the record says of which family, given the metric of its series.
    func entry(metric: String) -> (family: String, entry: MetadataTable.Entry) {
        let type = Int(type) < Self.types.count ? Self.types[Int(type)] : Self.types[0]
        let entry = MetadataTable.Entry(
            type: type, help: String(decoding: help, as: UTF8.self), unit: String(decoding: unit, as: UTF8.self))
        let name = String(decoding: family, as: UTF8.self)
        return (name.isEmpty ? MetricFamily.name(ofMetric: metric, type: type) : name, entry)
    }
}
