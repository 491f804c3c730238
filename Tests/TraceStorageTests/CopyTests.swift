import Durable
import Logging
import MartletCore
import Testing
import TraceQL
import TraceStorage
import Wire

/// Spans that are sent again, as by a sender that got no answer.
@Suite("Copies of spans")
struct CopyTests {
    private let directory: TemporaryDirectory
    private let now: UInt64 = 1_700_000_000_000_000_000

    init() throws {
        directory = try TemporaryDirectory("copies")
    }

    private func open(_ change: (inout TraceStoreOptions) -> Void = { _ in }) throws -> TraceStore {
        var options = TraceStoreOptions()
        options.flushSeconds = 0
        change(&options)
        return try TraceStore(
            directory.path, options: options, budget: MemoryBudget(limitBytes: 1 << 30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
    }

    private func request(_ ids: ClosedRange<UInt64>, duration: UInt64 = 100) -> [UInt8] {
        let spans = ids.map { OTLPFixture.span(1, $0, start: 1_000_000 - $0, duration: duration + $0) }
        return OTLPFixture.request(service: "a", spans).protobuf()
    }

    @Test("of a large trace take their places one by one, in memory and on disk", arguments: [10_000, 100_000])
    func large(rowsPerPart: Int) throws {
        let store = try open {
            $0.traceBytes = 0
            $0.rowsPerPart = rowsPerPart
            $0.spansPerFlush = 1_000_000
        }
        for duration in [900_000, 100, 500] as [UInt64] {
            _ = try store.append(request(1...40_000, duration: duration), now: now)
        }
        let query = try TraceSearch(Query(parsing: "{ }"))
        for place in ["in memory", "on disk"] {
            let found = try query.run(on: store, range: .always)
            #expect(found.map(\.duration) == [40_500], "\(place)")
            #expect(found.first?.spanSets.first?.matched == 40_000, "\(place)")
            store.maintain(now: now)
        }
        #expect(store.statistics().spans == 40_000)
    }

    @Test("count once to the size of their trace, wherever the first ones lie", arguments: [1, 7, 1000], [2, 100])
    func size(rowsPerPart: Int, mergeWidth: Int) throws {
        let limit = request(1...30).count
        let store = try open {
            $0.traceBytes = limit
            $0.rowsPerPart = rowsPerPart
            $0.mergeWidth = mergeWidth
        }
        for round in 0..<6 {
            let outcome = try store.append(request(1...20), now: now)
            #expect(outcome == TraceStore.Outcome(accepted: 20), "round \(round)")
            if round > 2 { store.maintain(now: now) }
        }
        let more = try store.append(request(21...29), now: now)
        #expect(more == TraceStore.Outcome(accepted: 9))
        let tooMany = try store.append(request(1...60), now: now)
        #expect(tooMany.accepted >= 29 && tooMany.accepted < 35)
        #expect(tooMany.rejected["trace_too_large"] == 60 - tooMany.accepted)
    }
}
