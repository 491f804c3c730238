import Benchmarking
import Testing
import Wire

@Suite("Load of spans")
struct TraceLoadTests {
    static func load(seed: UInt64 = 1) -> TraceLoad {
        TraceLoad(
            .init(
                services: 5, spansPerTrace: 8, batch: 200, attributes: 2, traces: 60,
                times: TimeSpread(start: 1_700_000_000_000_000_000, length: 60_000_000_000, count: 60), run: "r1",
                seed: seed))
    }

    private func spans(_ push: Push) throws -> [OTLP.Span] {
        try OTLP.Traces(protobuf: push.body).resourceSpans.flatMap { $0.scopeSpans.flatMap(\.spans) }
    }

    @Test("A push has whole traces, whose spans are where their parents are")
    func whole() throws {
        let load = Self.load()
        let spans = try spans(load.push(1, now: 0))
        let traces = Dictionary(grouping: spans, by: \.traceID)
        let first = Int64(load.tracesPerPush)
        #expect(Set(traces.keys) == Set((first..<2 * first).map { load.id(of: $0) }))
        for trace in first..<2 * first {
            let spans = try #require(traces[load.id(of: trace)])
            #expect(spans.count == load.spans(of: trace))
            #expect(Set(spans.map(\.spanID)).count == spans.count)
            #expect(spans.filter(\.parentSpanID.isZero).count == 1)
            let ids = Set(spans.map(\.spanID))
            #expect(spans.allSatisfy { $0.parentSpanID.isZero || ids.contains($0.parentSpanID) })
        }
    }

    @Test("The tally says what is in the traces")
    func tally() throws {
        let push = try Self.load().push(0, now: 0)
        let traces = Dictionary(grouping: try spans(push), by: \.traceID).values
        #expect(push.tally.items == Int64(traces.reduce(0) { $0 + $1.count }))
        #expect(push.tally.part(TraceLoad.Part.traces) == Int64(traces.count))
        let failed = traces.filter { $0.contains { $0.status.code == 2 } }
        #expect(push.tally.part(TraceLoad.Part.failed) == Int64(failed.count))
        let slow = traces.filter { trace in
            trace.contains {
                $0.name == "POST /checkout" && $0.parentSpanID.isZero
                    && Int64($0.endTimeUnixNano - $0.startTimeUnixNano) > TraceLoad.slow
            }
        }
        #expect(push.tally.part(TraceLoad.Part.slowCheckouts) == Int64(slow.count))
    }

    @Test("Services are marked, and carry the run")
    func resources() throws {
        let traces = try OTLP.Traces(protobuf: Self.load().push(0, now: 0).body)
        #expect(traces.resourceSpans.count == 5)
        for resource in traces.resourceSpans {
            guard case .string(let name) = resource.resource.attributes.first("service.name") else {
                Issue.record("no name")
                continue
            }
            #expect(name.string.hasPrefix("martlet-bench-"))
            #expect(resource.resource.attributes.first("run") == "r1")
        }
    }

    @Test("An order is of one root alone")
    func order() throws {
        let load = Self.load()
        let order = load.order(of: 3)
        #expect(order.utf8.count == 16)
        let found = try spans(load.push(0, now: 0)).filter { $0.attributes.first("order.id") == .string(.init(order)) }
        #expect(found.map(\.traceID) == [load.id(of: 3)])
    }

    @Test("As many traces are sent as have the spans that were asked for")
    func spanCount() {
        let load = Self.load()
        for wanted in [1, 100, 12_345] as [Int64] {
            let traces = load.traces(ofSpans: wanted)
            let spans = (0..<traces).reduce(0) { $0 + Int64(load.spans(of: $1)) }
            #expect(spans >= wanted)
            #expect(spans - Int64(load.spans(of: traces - 1)) < wanted)
        }
    }

    @Test("The same seed gives the same pushes, another run other ids")
    func seeds() throws {
        let push = try Self.load().push(1, now: 0).body
        #expect(try Self.load().push(1, now: 0).body == push)
        var options = Self.load().options
        options.run = "r2"
        #expect(TraceLoad(options).id(of: 0) != Self.load().id(of: 0))
    }

    @Test("More services than spans leave some without")
    func manyServices() {
        #expect(Self.load().servicesWithSpans == 5)
        var options = Self.load().options
        options.services = 900
        #expect((100..<900).contains(TraceLoad(options).servicesWithSpans))
    }
}
