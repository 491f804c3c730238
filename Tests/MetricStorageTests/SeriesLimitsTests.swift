import Durable
import MartletCore
import MetricStorage
import Testing

@Suite("Limits of series")
struct SeriesLimitsTests {
    private static let now = MetricStoreTests.now

    private static func options(_ change: (inout SeriesLimits) -> Void) -> MetricStore.Options {
        var options = MetricStore.Options()
        change(&options.limits)
        return options
    }

    private static func labels(_ pairs: (String, String)...) -> Labels { Labels([("__name__", "m")] + pairs) }

    @Test("a series that breaks one is refused with its name, value and flag, the rest of the batch is kept")
    func refused() throws {
        let directory = try TemporaryDirectory()
        let options = Self.options {
            $0.labelName = 8
            $0.labelValue = 5
            $0.labels = 3
        }
        let fixture = try StoreFixture(directory.path, options: options)
        let result = try fixture.append([
            (Self.labels(("a", "12345")), Self.now, 1), (Self.labels(("a", "123456")), Self.now, 2),
            (Self.labels(("a23456789", "")), Self.now, 3), (Self.labels(("a23456789", "1")), Self.now, 4),
            (Self.labels(("a", "1"), ("b", "1"), ("c", "1")), Self.now, 5),
            (Self.labels(("a", "1"), ("b", "1")), Self.now, 6),
        ])
        #expect(result.rejected.map(\.entry) == [1, 3, 4])
        #expect(
            result.rejected.map(\.reason.description) == [
                "label value longer than 5 bytes: raise --storage.max-label-value-length",
                "label name longer than 8 bytes: raise --storage.max-label-name-length",
                "more than 3 labels: raise --storage.max-labels-per-series",
            ])
        #expect(result.appended == 3)
        #expect(try fixture.dump().count == 3)
    }

    @Test("labels whose order nobody has looked at are held to them as well")
    func unchecked() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path, options: Self.options { $0.labelValue = 5 })
        var batch = SampleBatch()
        var flat = ByteWriter()
        for text in ["z", "123456", "__name__", "m"] { Array(text.utf8).withUnsafeBytes { flat.uvarintBytes($0) } }
        flat.bytes.withUnsafeBytes { batch.begin(uncheckedLabels: $0) }
        batch.add(Self.now, 1)
        #expect(try fixture.store.append(&batch).rejected.map(\.reason) == [.labelValueLimit(5)])
    }

    @Test("a burst over the limit of series is refused, known series go on, also after a restart")
    func seriesLimit() throws {
        let directory = try TemporaryDirectory()
        let options = Self.options { $0.series = 3 }
        do {
            let fixture = try StoreFixture(directory.path, options: options)
            for name in ["a", "b", "c"] { try fixture.append(name, Self.now, 1) }
            let result = try fixture.append("d", Self.now, 1)
            #expect(result.rejected.map(\.reason) == [.seriesLimit(3)])
            #expect("\(SampleRejection.seriesLimit(3))" == "limit of 3 series reached: raise --storage.max-series")
            #expect(try fixture.append("a", Self.now + 1, 1).appended == 1)
        }
        let lower = Self.options { $0.series = 2 }
        let fixture = try StoreFixture(directory.path, options: lower)
        #expect(fixture.store.statistics.series == 3)
        #expect(try fixture.append("c", Self.now + 2, 1).appended == 1)
        #expect(try fixture.append("d", Self.now + 2, 1).rejected.count == 1)
    }

    @Test("0 sets no limit")
    func none() throws {
        let directory = try TemporaryDirectory()
        let options = Self.options {
            $0.labelName = 0
            $0.labelValue = 0
            $0.labels = 0
        }
        let fixture = try StoreFixture(directory.path, options: options)
        let long = String(repeating: "x", count: 100_000)
        let many = (0..<300).map { ("l\($0)", "v") }
        #expect(try fixture.append([(Self.labels((long, long)), Self.now, 1)]).appended == 1)
        #expect(try fixture.append([(Labels([("__name__", "n")] + many), Self.now, 1)]).appended == 1)
    }

    @Test("new series leave a part of the memory budget to queries, also with full chunks and after a restart")
    func queryReserve() throws {
        let directory = try TemporaryDirectory()
        let budget = MemoryBudget(limitBytes: 16 << 20)
        var options = MetricStore.Options()
        options.headChunkBytes = 64 << 10
        var series: [Labels] = []
        do {
            let fixture = try StoreFixture(directory.path, options: options, budget: budget)
            var isFull = false
            while !isFull {
                let more = (series.count..<series.count + 100).map { Self.labels(("i", "\($0)")) }
                isFull = try !fixture.append(more.map { ($0, Self.now, 1) }).rejected.isEmpty
                if !isFull { series += more }
            }
            #expect(series.count > 1000)
            let used = budget.used
            for step in 1...100 {
                let time = Self.now + Int64(step) * 15_000
                let result = try fixture.append(series.map { ($0, time, Double(step * step)) })
                #expect(result.appended == series.count)
            }
            #expect(budget.used > used + (1 << 20))
            #expect(budget.headroom > fixture.store.queryReserve)
            try fixture.store.close()
        }
        #expect(budget.used == 0)
        let fixture = try StoreFixture(directory.path, options: options, budget: budget)
        #expect(budget.headroom > fixture.store.queryReserve)
        // How many fit again depends on how many head chunks were on disk before the stop.
        var more = 0
        while more < series.count, try fixture.append("another_\(more)", Self.now + 1_600_000, 1).appended == 1 {
            more += 1
        }
        #expect(more < series.count)
        #expect(budget.headroom > fixture.store.queryReserve)
        #expect(try fixture.append([(series[0], Self.now + 1_600_000, 1)]).appended == 1)
    }
}
