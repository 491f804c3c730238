import MartletCore
import Wire

/// The label sets of the series of a metric load, as remote write has them. A series is the labels of its metric, then those of
/// its host, which sort behind them: there is one copy of each, however many series there are.
struct SeriesNames: Sendable {
    private struct Family: Sendable {
        let component: String
        let name: String
        let kind: ValueKind
        /// A label of the metric, and how many values it has.
        let dimension: (name: String, count: Int)?
    }

    private struct Metric: Sendable {
        let name: String
        let kind: ValueKind
        let bytes: Range<Int>
    }

    private static let components = [
        "api", "cache", "cpu", "database", "disk", "gc", "http", "memory", "network", "process", "queue", "scheduler",
    ]

    private static let families = components.flatMap { component in
        [
            ("requests_total", ValueKind.count, ("code", 8)), ("seconds_total", .seconds, ("cpu", 4)),
            ("usage_bytes", .gauge, ("device", 6)), ("limit", .constant, nil), ("connections", .integer, ("client", 4)),
        ].map { Family(component: component, name: "bench_\(component)_\($0)", kind: $1, dimension: $2) }
    }

    /// Series of a host.
    static let perHost = families.reduce(0) { $0 + ($1.dimension?.count ?? 1) }

    private var slab: [UInt8] = []
    private var metrics: [Metric] = []
    private var hostBytes: [Range<Int>] = []

    init(series: Int, labels: Int, run: String) {
        for family in Self.families {
            for value in 0..<(family.dimension?.count ?? 1) {
                // Functions that leave the name out must not make two series one.
                var pairs = [(Labels.metricName, family.name), ("component", family.component)]
                if let dimension = family.dimension { pairs.append((dimension.name, "\(dimension.name)-\(value)")) }
                metrics.append(Metric(name: family.name, kind: family.kind, bytes: add(pairs)))
            }
        }
        for host in 0..<(series + Self.perHost - 1) / Self.perHost {
            var pairs = [
                ("env", host % 4 == 0 ? "staging" : "production"), ("instance", Self.instance(host)),
                ("job", Marks.job), ("region", "region-\(host % 3)"), ("run", run),
            ]
            for label in 0..<labels { pairs.append(("tag_\(label)", "value-\(host % 7)-of-tag-\(label)")) }
            hostBytes.append(add(pairs))
        }
    }

    /// The label `instance` of a host.
    static func instance(_ host: Int) -> String {
        let digits = String(host)
        return "host-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".example:9100"
    }

    /// Bytes of the labels of a series, about.
    var bytesPerSeries: Int { slab.count / max(1, metrics.count + hostBytes.count) * 2 }

    /// Where the labels of a series' metric and of its host are among the bytes.
    @inline(__always)
    func parts(of series: Int) -> (metric: Range<Int>, host: Range<Int>) {
        let (host, metric) = series.quotientAndRemainder(dividingBy: Self.perHost)
        return (metrics[metric].bytes, hostBytes[host])
    }

    /// How a series' values develop.
    @inline(__always)
    func kind(of series: Int) -> ValueKind { metrics[series % Self.perHost].kind }

    /// The name of a series' metric.
    func metric(of series: Int) -> String { metrics[series % Self.perHost].name }

    /// Gives all labels, encoded as fields 1 of a series.
    func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) { slab.withUnsafeBytes(body) }

    private mutating func add(_ pairs: [(String, String)]) -> Range<Int> {
        var writer = ProtoWriter()
        // By name, as the protocol wants it.
        Labels(pairs).forEach { name, value in
            writer.message(1) { label in
                label.bytes(1, name)
                label.bytes(2, value)
            }
        }
        let start = slab.count
        slab += writer.bytes
        return start..<slab.count
    }
}
