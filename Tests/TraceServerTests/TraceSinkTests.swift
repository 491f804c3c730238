import Durable
import Logging
import MartletCore
import OTLPReceiver
import RemoteStorage
import Service
import SpanMetrics
import Testing
import TraceSampling
import TraceServer
import TraceStorage
import Wire

/// What becomes of a request when spans are both sampled and counted.
@Suite("Received spans, sampled and counted")
struct TraceSinkTests {
    private static let now: UInt64 = 1_700_000_000_000_000_000

    /// A store and a generator behind a sink.
    private struct Sink {
        let database: TraceDatabase
        let generator: TenantGenerator
        let sink: TraceSink

        func send(_ spans: [OTLP.Span]) async throws -> OTLP.PartialSuccess {
            let traces = OTLP.Traces(resourceSpans: [
                OTLP.ResourceSpans(
                    resource: OTLP.Resource(attributes: [OTLP.KeyValue(key: "service.name", value: "shop")]),
                    scopeSpans: [OTLP.ScopeSpans(spans: spans)])
            ])
            return try await sink.receive(traces: OTLPRequest(traces.protobuf()))
        }

        var stored: Int { database.existingStore(for: .single)?.statistics().spans ?? 0 }
    }

    private func with(_ sampling: HeadSampling, _ body: (Sink) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("sink")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let budget = MemoryBudget(limitBytes: 1 << 30)
        let blocking = BlockingPool(threads: 2)
        let database = try TraceDatabase(
            directory.path + "/spans", options: TraceStoreOptions(), budget: budget, logger: logger, now: Self.now)
        var config = GeneratorConfig()
        config.spanMetrics = SpanMetricsConfig()
        config.instance = "i"
        let generator = try await MetricsGenerator(
            config,
            .init(
                path: directory.path + "/metrics", single: TenantID.single.name, limit: 1, limitKey: "k",
                budget: budget, blocking: blocking, logger: logger))
        let sink = TraceSink(
            database, tenants: TenantRule(isMultitenant: false), rate: nil, generator: generator, sampling: sampling,
            blocking: blocking, now: { Self.now })
        try await body(
            Sink(database: database, generator: generator.generator(for: TenantID.single.name), sink: sink))
        try await generator.forwarding.close()
        await blocking.shutdown()
        withExtendedLifetime(directory) {}
    }

    /// A span that is kept, or left out, whatever the percentage.
    private func span(_ id: UInt64, _ name: ByteString, isKept: Bool) -> OTLP.Span {
        OTLP.Span(
            traceID: OTLP.TraceID(high: 1, low: 1), spanID: OTLP.SpanID(id), name: name, kind: 2,
            startTimeUnixNano: Self.now - 1000, endTimeUnixNano: Self.now,
            attributes: [OTLP.KeyValue(key: "sampling.priority", value: .int(isKept ? 1 : 0))])
    }

    @Test("what is left out counts, and nobody is told of it")
    func leftOut() async throws {
        try await with(HeadSampling(percentage: 50)) { sink in
            let partial = try await sink.send([
                span(1, "a", isKept: false), span(2, "b", isKept: true), span(3, "c", isKept: false),
            ])
            #expect(partial.isFull)
            #expect(sink.stored == 1)
            #expect(sink.generator.statistics.counts.spans == 3)
        }
    }

    @Test("a request of which everything is left out was received well")
    func nothingKept() async throws {
        try await with(HeadSampling(percentage: 0)) { sink in
            let partial = try await sink.send([span(1, "a", isKept: false)])
            #expect(partial.isFull)
            #expect(sink.stored == 0)
            #expect(sink.generator.statistics.counts.spans == 1)
        }
    }

    @Test("a span that the store refuses is told of and does not count, also when those before it are left out")
    func refused() async throws {
        try await with(HeadSampling(percentage: 50)) { sink in
            let partial = try await sink.send([
                span(1, "a", isKept: false), span(2, "b", isKept: true), span(0, "c", isKept: true),
            ])
            #expect(partial.rejected == 1)
            #expect(sink.stored == 1)
            #expect(sink.generator.statistics.counts.spans == 2)
        }
    }

    @Test("when all that is kept is refused, what is left out was received all the same")
    func onlyRefusedAreKept() async throws {
        try await with(HeadSampling(percentage: 50)) { sink in
            let partial = try await sink.send([span(0, "a", isKept: true), span(2, "b", isKept: false)])
            #expect(partial.rejected == 1)
            #expect(sink.generator.statistics.counts.spans == 1)
        }
    }

    @Test("a request that is no OTLP is refused also when the span is left out")
    func malformed() async throws {
        try await with(HeadSampling(percentage: 50)) { sink in
            await #expect(throws: OTLPRefusal.self) {
                try await sink.send([span(1, ByteString([0xFF]), isKept: false)])
            }
            #expect(sink.generator.statistics.counts.spans == 0)
        }
    }
}
