import Durable
import MartletCore
import MetricStorage
import RemoteStorage
import SpanMetrics
import Wire

/// A generator with a directory of its own, and spans for it.
final class GeneratorFixture {
    /// When all spans end and come, unless they say otherwise; Unix milliseconds.
    static let nowMs: Int64 = 1_700_000_000_000

    let directory: TemporaryDirectory
    private(set) var generator: TenantGenerator
    private let config: GeneratorConfig

    var statePath: String { directory.path + "/span-metrics" }

    init(_ config: GeneratorConfig, startMs: Int64 = GeneratorFixture.nowMs - 5000) throws {
        directory = try TemporaryDirectory()
        self.config = config
        generator = Self.generator(config, startMs)
    }

    private static func generator(_ config: GeneratorConfig, _ startMs: Int64) -> TenantGenerator {
        TenantGenerator(
            config, tenant: "team", instance: "i", budget: MemoryBudget(limitBytes: 1 << 30), startMs: startMs)
    }

    /// What a new process begins with. Its first collection goes on with what is in the directory.
    func restart(_ config: GeneratorConfig? = nil, startMs: Int64) throws -> String? {
        generator = Self.generator(config ?? self.config, startMs)
        return try generator.restore(from: statePath)
    }

    static func span(
        _ trace: UInt64, _ id: UInt64, parent: UInt64 = 0, _ name: String = "op", kind: Int32 = 2,
        seconds: Double = 1, endMs: Int64 = GeneratorFixture.nowMs, status: Int32 = 0,
        _ attributes: [(String, OTLP.AnyValue)] = []
    ) -> OTLP.Span {
        let end = UInt64(endMs) * 1_000_000
        return OTLP.Span(
            traceID: OTLP.TraceID(high: 0, low: trace), spanID: OTLP.SpanID(id), parentSpanID: OTLP.SpanID(parent),
            name: ByteString(name), kind: kind, startTimeUnixNano: end - UInt64(seconds * 1e9), endTimeUnixNano: end,
            attributes: attributes.map { OTLP.KeyValue(key: ByteString($0.0), value: $0.1) },
            status: OTLP.Status(message: "why", code: status))
    }

    static func request(
        _ service: String, resource: [(String, OTLP.AnyValue)] = [], _ spans: [OTLP.Span]
    ) -> OTLP.Traces {
        let attributes = [("service.name", .string(ByteString(service)))] + resource
        return OTLP.Traces(resourceSpans: [
            OTLP.ResourceSpans(
                resource: OTLP.Resource(
                    attributes: attributes.map { OTLP.KeyValue(key: ByteString($0.0), value: $0.1) }),
                scopeSpans: [OTLP.ScopeSpans(spans: spans)])
        ])
    }

    func add(_ traces: OTLP.Traces, rejected: [Int] = [], nowMs: Int64 = GeneratorFixture.nowMs) {
        generator.add(traces.protobuf(), rejected: rejected, now: UInt64(nowMs) * 1_000_000)
    }

    /// A collection: its series.
    func series(_ nowMs: Int64 = GeneratorFixture.nowMs + 1000) throws -> [ForwardedSeries] {
        let written = Lock<[ForwardedSeries]>([])
        try generator.collect(statePath: statePath, nowMs: nowMs) { series in written.withLock { $0 = series } }
        return written.withLock { $0 }
    }

    /// A collection: the newest value of each series whose name begins so, as `name{labels} value`, sorted; without the
    /// instance, which all have.
    func collect(_ prefix: String = "traces_", _ nowMs: Int64 = GeneratorFixture.nowMs + 1000) throws -> [String] {
        try series(nowMs).compactMap { series in
            guard let name = series.labels[Labels.metricName], name.hasPrefix(prefix) else { return nil }
            var builder = LabelsBuilder(series.labels)
            builder.remove("__metrics_gen_instance")
            let labels = builder.build().description
            if let histogram = series.histograms.last?.histogram { return "\(labels) count \(histogram.count)" }
            guard let value = series.samples.last?.value else { return nil }
            return "\(labels) \(Self.isStale(value) ? "stale" : "\(value)")"
        }.sorted()
    }

    static func isStale(_ value: Double) -> Bool { value.bitPattern == 0x7FF0_0000_0000_0002 }
}
