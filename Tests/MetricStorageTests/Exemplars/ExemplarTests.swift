import Durable
import MartletCore
import MetricStorage
import Testing

@Suite("Exemplars")
struct ExemplarTests {
    private static let now = MetricStoreTests.now

    private static func append(
        _ fixture: StoreFixture, _ name: String, _ exemplars: [(trace: String, time: Int64, value: Double)]
    ) throws {
        var batch = SampleBatch()
        Labels([("__name__", name)]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
        batch.add(now + Int64(fixture.store.statistics.samplesAppended), 1)
        for exemplar in exemplars {
            Labels([("trace_id", exemplar.trace)]).bytes.withUnsafeBytes {
                batch.addExemplar($0, exemplar.time, exemplar.value)
            }
        }
        _ = try fixture.store.append(&batch)
    }

    private static func traces(
        _ fixture: StoreFixture, _ names: [String], from start: Int64 = 0, to end: Int64 = .max
    ) throws -> [[String]] {
        try fixture.store.exemplars(
            matching: names.map { [Matcher(equal: "__name__", $0)] }, minTime: start, maxTime: end
        ).series.map { $0.exemplars.map { $0.labels["trace_id"] ?? "" } }
    }

    @Test("are found by the series' matchers and by time, also after a restart")
    func found() throws {
        let directory = try TemporaryDirectory()
        do {
            let fixture = try StoreFixture(directory.path)
            try Self.append(fixture, "b", [("b1", Self.now, 1), ("b2", Self.now + 5, 2)])
            try Self.append(fixture, "a", [("a1", Self.now + 1, 3)])
        }
        let fixture = try StoreFixture(directory.path)
        #expect(try Self.traces(fixture, ["a", "b", "c"]) == [["a1"], ["b1", "b2"]])
        #expect(try Self.traces(fixture, ["b"], from: Self.now + 1, to: Self.now + 5) == [["b2"]])
        #expect(try Self.traces(fixture, ["b"], to: Self.now - 1) == [])
        let one = try #require(
            try fixture.store.exemplars(
                matching: [[Matcher(equal: "__name__", "a")]], minTime: 0, maxTime: .max
            ).series.first)
        #expect(one.labels == Labels([("__name__", "a")]))
        #expect(one.exemplars.map(\.value) == [3])
        #expect(one.exemplars.map(\.timeMs) == [Self.now + 1])
    }

    @Test("repetitions, older ones and those with labels beyond 128 characters are not kept")
    func refused() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        // With the name of the label that is one too many.
        let long = String(repeating: "ö", count: 121)
        try Self.append(fixture, "m", [("1", Self.now, 1)])
        try Self.append(
            fixture, "m",
            [("1", Self.now, 1), ("old", Self.now - 1, 9), (long, Self.now + 1, 1), ("less", Self.now, 0)])
        try Self.append(fixture, "m", [("2", Self.now, 2)])
        try Self.append(fixture, "m", [(String(long.dropLast()), Self.now + 1, 1)])
        #expect(try Self.traces(fixture, ["m"]) == [["1", "2", String(long.dropLast())]])
    }

    @Test("the newest of all series are kept, as many as wanted")
    func bounded() throws {
        let directory = try TemporaryDirectory()
        var options = MetricStore.Options()
        options.maxExemplars = 5
        let fixture = try StoreFixture(directory.path, options: options)
        for step in 0..<20 {
            try Self.append(fixture, step % 4 == 0 ? "a" : "b", [("\(step)", Self.now + Int64(step), 1)])
        }
        #expect(try Self.traces(fixture, ["a", "b"]) == [["16"], ["15", "17", "18", "19"]])
        fixture.store.setMaxExemplars(3)
        #expect(try Self.traces(fixture, ["a", "b"]) == [["17", "18", "19"]])
        fixture.store.setMaxExemplars(4)
        try Self.append(fixture, "a", [("20", Self.now + 20, 1)])
        #expect(try Self.traces(fixture, ["a", "b"]) == [["20"], ["17", "18", "19"]])
        fixture.store.setMaxExemplars(0)
        try Self.append(fixture, "a", [("21", Self.now + 21, 1)])
        #expect(try Self.traces(fixture, ["a", "b"]) == [])
    }
}
