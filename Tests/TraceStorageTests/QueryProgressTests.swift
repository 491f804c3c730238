import Durable
import Logging
import MartletCore
import Testing
import TraceQL
import TraceStorage
import Wire

@Suite("What queries tell while they run")
struct QueryProgressTests {
    private let directory: TemporaryDirectory
    private let store: TraceStore

    /// Nine traces of one span each, in tables of one row.
    init() throws {
        directory = try TemporaryDirectory("progress")
        var options = TraceStoreOptions()
        options.rowsPerPart = 1
        store = try TraceStore(
            directory.path, options: options, budget: MemoryBudget(limitBytes: 1 << 30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: 1)
        for number in 1...9 as ClosedRange<UInt64> {
            let service = number % 3 == 0 ? "b" : "a"
            let span = OTLPFixture.span(
                number, number, start: number * 1_000_000_000, attributes: [("n", .int(Int64(number)))])
            _ = try store.append(OTLPFixture.request(service: service, [span]).protobuf(), now: 1)
        }
    }

    @Test("a search tells the newest so far, and at the end what it returns")
    func search() throws {
        var told: [[UInt64]] = []
        var jobs: [(done: Int, total: Int)] = []
        let found = try TraceSearch(Query(parsing: "{ .n != 8 }"))
            .run(on: store, range: .always, limits: TraceSearch.Limits(traces: 4, spans: 1)) { done, total, soFar in
                told.append(soFar()?.map(\.id.low) ?? [])
                jobs.append((done, total))
            }
        #expect(found.map(\.id.low) == [9, 7, 6, 5])
        #expect(told.last == [9, 7, 6, 5])
        #expect(told.first == [9])
        #expect(told.contains([9, 7]))
        for (before, after) in zip(told, told.dropFirst()) { #expect(after.starts(with: before)) }
        #expect(jobs.allSatisfy { $0.total == 9 && $0.done <= 9 })
        for (before, after) in zip(jobs, jobs.dropFirst()) { #expect(before.done <= after.done) }
    }

    @Test("what nobody asks for is not computed, and changes nothing")
    func unasked() throws {
        var count = 0
        let found = try TraceSearch(Query(parsing: "{ }"))
            .run(on: store, range: .always, limits: TraceSearch.Limits(traces: 9, spans: 1)) { _, _, _ in count += 1 }
        #expect(found.count == 9)
        #expect(count == 18)
    }

    @Test(
        "metrics tell series that grow into what is returned",
        arguments: [
            "{ } | count_over_time() by (resource.service.name)", "{ } | sum_over_time(.n)",
            "{ } | quantile_over_time(.n, 0.5)", "{ } | count_over_time() by (resource.service.name) | topk(1)",
            "{ .n > 0 } | by(resource.service.name) | count_over_time()",
        ])
    func metrics(query: String) throws {
        let steps = MetricSteps(instant: TimeRange(start: 0, end: 100_000_000_000))
        func text(_ series: [MetricSeries]) -> [String] {
            series.map { one in one.labels.map(\.value.shown).joined() + " \(one.values)" }
        }
        var told: [[String]] = []
        let memory = QueryMemory(limit: 1 << 20)
        let found = try TraceMetrics(Query(parsing: query)).run(on: store, steps: steps, memory: memory) {
            done, total, soFar in
            #expect(done <= total && total == 9)
            if let series = soFar() { told.append(text(series)) }
        }
        #expect(told.count >= 8)
        #expect(Set(told).count > 1)
        let plain = try TraceMetrics(Query(parsing: query)).run(on: store, steps: steps)
        #expect(text(found) == text(plain))
        withExtendedLifetime(memory) {}
    }

    @Test("telling takes no memory from the query")
    func memory() throws {
        let steps = MetricSteps(instant: TimeRange(start: 0, end: 100_000_000_000))
        // Enough for the answer, and not for ten of them.
        let memory = QueryMemory(limit: 5_000)
        let found = try TraceMetrics(Query(parsing: "{ } | count_over_time() by (.n)"))
            .run(on: store, steps: steps, memory: memory) { _, _, soFar in _ = soFar() }
        #expect(found.count == 9)
    }

    @Test("values of a tag")
    func values() throws {
        var told: [Int] = []
        let found = try TagSearch.values(
            of: Operand.parse(identifier: "span.n"), where: nil, on: store, range: .always
        ) { done, total, soFar in
            #expect(total == 9)
            told.append(soFar()?.count ?? -1)
        }
        #expect(found.count == 9)
        #expect(told == Array(1...9))
    }
}
