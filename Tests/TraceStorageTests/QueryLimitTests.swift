import Durable
import Logging
import MartletCore
import Testing
import TraceQL
import TraceStorage
import Wire

/// What queries over spans may take and give, whatever the spans are.
@Suite("Limits of TraceQL")
struct QueryLimitTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory("limits")
    }

    private func store() throws -> TraceStore {
        try TraceStore(
            directory.path, options: TraceStoreOptions(), budget: MemoryBudget(limitBytes: 1 << 30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: 1)
    }

    @Test("holds no more memory for series than it may, and gives it back")
    func memory() throws {
        let store = try store()
        let sent = (1...20 as ClosedRange<UInt64>).map {
            OTLPFixture.span(1, $0, parent: $0 - 1, "name \($0)", start: $0 * 100_000_000, duration: $0 * 1000)
        }
        _ = try store.append(OTLPFixture.request(service: "a", sent).protobuf(), now: 1)
        let steps = MetricSteps(range: TimeRange(start: 0, end: 10_000_000_000), step: 1_000_000)
        for text in [
            "{ } | rate() by(name)", "{ } | quantile_over_time(duration, 0.5)", "{ } | histogram_over_time(duration)",
            "({ } | rate()) / ({ } | max_over_time(duration))", "{ } >> { } | rate() by(name)",
            "{ } | compare({ duration > 5us })", "{ } >> { } | compare({ })",
        ] {
            let query = try TraceMetrics(Query(parsing: text))
            #expect(throws: TraceQLError.self) {
                _ = try query.run(on: store, steps: steps, memory: QueryMemory(limit: 10_000))
            }
            let budget = MemoryBudget(limitBytes: 100_000)
            #expect(throws: QueryMemory.BudgetExhausted.self) {
                _ = try query.run(on: store, steps: steps, memory: QueryMemory(budget: budget))
            }
            #expect(budget.used == 0)
            let fine = try query.run(on: store, steps: steps, memory: QueryMemory(limit: 64 << 20))
            #expect(!fine.isEmpty)
        }
    }

    @Test("leaves out values that are not numbers")
    func notANumber() throws {
        let store = try store()
        let spans = (1...50 as ClosedRange<UInt64>).map {
            OTLPFixture.span(8, $0, attributes: [("x", .double($0 == 7 ? 2 : .nan))])
        }
        _ = try store.append(OTLPFixture.request(service: "nan", spans).protobuf(), now: 1)
        let steps = MetricSteps(instant: .always)
        for (function, expected) in [("histogram_over_time", [1.0]), ("max_over_time", [2]), ("avg_over_time", [2])] {
            let query = try TraceMetrics(Query(parsing: "{ span.x != nil } | \(function)(span.x)"))
            let values = try query.run(on: store, steps: steps).flatMap(\.values)
            #expect(values == expected, "\(function)")
        }
    }

    @Test("finds the frequent values among more than are remembered, and counts them exactly")
    func manyValues() throws {
        let store = try store()
        // Every third span has one of three values, all others a value of their own, in any order of arrival.
        let spans = (0..<15_000 as Range<UInt64>).map { number in
            let text = number % 3 == 0 ? "often \(number % 5 == 0 ? 1 : number % 2 == 0 ? 2 : 3)" : "once \(number)"
            return OTLPFixture.span(
                number + 10, 1, start: 1000 + number, attributes: [("x", .string(ByteString(text)))])
        }
        _ = try store.append(OTLPFixture.request(service: "many", spans).protobuf(), now: 1)
        let steps = MetricSteps(instant: TimeRange(start: 0, end: 1_000_000))
        let found = try TraceMetrics(Query(parsing: "{ } | compare({ false }, 3)")).run(on: store, steps: steps)
        let ofAttribute = found.filter { $0.labels.last?.key == "span.x" }
        let text = ofAttribute.map { one in
            one.labels.map(\.value.shown).joined(separator: " ") + " " + one.values.map(\.description).joined()
        }
        #expect(
            text == [
                "__too_many_values__ nil ", "baseline_total nil 15000.0", "baseline often 2 2000.0",
                "baseline often 3 2000.0", "baseline often 1 1000.0",
            ])
    }

    @Test("lists the first values and names that fit the limit, in any order of arrival", arguments: [0, 29, 30, 400])
    func longLists(limit: Int) throws {
        let store = try store()
        let spans = (0..<300 as Range<UInt64>).map { number in
            let text = "\(100 + (number * 7 + 50) % 300)"
            return OTLPFixture.span(
                number + 10, 1, attributes: [("list.\(text)", .int(1)), ("all", .string(ByteString(text)))])
        }
        _ = try store.append(OTLPFixture.request(service: "lists", spans).protobuf(), now: 1)
        let wanted = (0..<min(300, limit / 3)).map { "\(100 + $0)" }
        let values = try TagSearch.values(
            of: Operand.parse(identifier: "span.all"), where: nil, on: store, range: .always, limit: limit)
        #expect(values.map(\.shown) == wanted)
        // "all" comes first.
        let names = try TagSearch.names(in: [.span], on: store, range: .always, limit: 3 + limit / 3 * 8)
        #expect(names == [["all"] + wanted.map { "list." + $0 }])
    }
}
