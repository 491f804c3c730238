import Durable
import MartletCore
import MetricStorage
import PromQL
import RemoteStorage
import SampleMath
import Service
import Testing

@Suite("Asking the writers of an object store")
struct QueryWritersTests {
    private static let pool = BlockingPool(threads: 2)

    /// A store that stands for what a bucket has, with one series.
    private struct Bucket {
        let directory: TemporaryDirectory
        let store: MetricStore

        init(_ samples: [(time: Int64, value: Double)]) throws {
            directory = try TemporaryDirectory()
            store = try MetricStore(
                directory.path, budget: MemoryBudget(limitBytes: 1 << 30), logger: ServerFixture.logger)
            var batch = SampleBatch()
            for sample in samples {
                Labels([("__name__", "a"), ("job", "j")]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
                batch.add(sample.time, sample.value)
            }
            #expect(try store.append(&batch).rejected.isEmpty)
        }
    }

    private func makeWriters(_ urls: [String]) throws -> QueryWriters {
        try QueryWriters(
            urls, http: HTTPClientSettings(), timeoutMs: 20_000, namesTenants: false, mainTenant: "anonymous")
    }

    private func samples(
        _ source: any MetricSource, _ name: String, _ times: ClosedRange<Int64>,
        _ context: QueryContext = QueryContext()
    ) throws -> [Int64: Double] {
        let set = try source.select(
            MetricSelection(
                matchers: [Matcher(equal: "__name__", name)], minTime: times.lowerBound, maxTime: times.upperBound),
            context: context)
        var samples = SeriesSamples()
        for index in 0..<set.count { try set.read(index, into: &samples) }
        return Dictionary(zip(samples.floats.timestamps, samples.floats.values)) { first, _ in first }
    }

    /// Queries block their thread.
    private func offPool<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await Self.pool.run(body)
    }

    @Test("samples, series, names and values are of both; what both have is the bucket's")
    func joined() async throws {
        try await withServer { writer in
            let now = writer.now
            _ = try await writer.write([("a", now - 1000, 2), ("a", now, 3), ("b", now, 4)])
            let bucket = try Bucket([(now - 2000, 1), (now - 1000, 9)])
            let writers = try makeWriters([writer.server.url + "/"])
            let source = writers.source(over: bucket.store, tenant: "anonymous")
            let times = now - 10_000...now
            let a = try await offPool { try samples(source, "a", times) }
            #expect(a == [now - 2000: 1, now - 1000: 9, now: 3])
            let rest = try await offPool {
                let context = QueryContext()
                let series = try source.series(
                    matching: [[Matcher(equal: "job", "j")]], minTime: times.lowerBound, maxTime: times.upperBound,
                    limit: 0, context: context)
                let names = try source.labelNames(
                    matching: [], minTime: times.lowerBound, maxTime: times.upperBound, limit: 0, context: context)
                let values = try source.labelValues(
                    of: "__name__", matching: [], minTime: times.lowerBound, maxTime: times.upperBound, limit: 0,
                    context: context)
                return (series, names, values, context.warnings)
            }
            #expect(rest.0 == [Labels([("__name__", "a"), ("job", "j")]), Labels([("__name__", "b"), ("job", "j")])])
            #expect(rest.1 == ["__name__", "job"])
            #expect(rest.2 == ["a", "b"])
            #expect(rest.3.isEmpty)
            #expect(writers.states.map(\.isAnswering) == [true])
            await writers.shutdown()
        }
    }

    @Test("a writer is asked from its mark on, which holds after the bucket was looked at")
    func marks() async throws {
        let mark: Int64 = 4_000_000_000_000
        try await withServer(sealedBefore: mark) { writer in
            let told = try await writer.get("/api/v1/status/sealed").json["data"]
            #expect(told?["tenant"] == "anonymous" && told?["sealedBeforeMs"]?.int64 == mark)
            _ = try await writer.write([("a", writer.now, 3)])
            let bucket = try Bucket([])
            let writers = try makeWriters([writer.server.url])
            let source = writers.source(over: bucket.store, tenant: "anonymous")
            let now = writer.now
            let settle = await writers.look(at: "anonymous")
            #expect(try await offPool { try samples(source, "a", now - 1000...now) } == [now: 3])
            settle()
            #expect(try await offPool { try samples(source, "a", now - 1000...now) }.isEmpty)
            // One that answers for somebody else is not asked.
            let context = QueryContext()
            let other = writers.source(over: bucket.store, tenant: "blue")
            #expect(try await offPool { try samples(other, "a", now - 1000...now, context) }.isEmpty)
            #expect(context.warnings.count == 1)
            #expect(context.warnings.first?.contains("it answers for the tenant anonymous in place of blue") == true)
            await writers.shutdown()
        }
    }

    @Test("one that is down is a warning that names it and what is missing")
    func down() async throws {
        let mark: Int64 = 1_700_000_000_000
        var url = ""
        var held: QueryWriters?
        try await withServer(sealedBefore: mark) { writer in
            url = writer.server.url
            let writers = try makeWriters([url])
            let settle = await writers.look(at: "anonymous")
            settle()
            held = writers
        }
        let writers = try #require(held)
        let bucket = try Bucket([(mark - 5, 1)])
        let source = writers.source(over: bucket.store, tenant: "anonymous")
        let context = QueryContext()
        #expect(try await offPool { try samples(source, "a", mark - 1000...mark + 1000, context) } == [mark - 5: 1])
        #expect(context.warnings.count == 1)
        let warning = context.warnings.first ?? ""
        #expect(warning.hasPrefix("the writer \(url) gives no answer (connection refused"), "\(warning)")
        #expect(warning.hasSuffix("what it has since 2023-11-14T22:13:20Z is missing"), "\(warning)")
        // After the next look it is not even asked.
        await writers.look(at: "anonymous")()
        #expect(writers.states.map(\.isAnswering) == [false])
        let again = QueryContext()
        #expect(try await offPool { try samples(source, "a", mark - 1000...mark + 1000, again) } == [mark - 5: 1])
        #expect(again.warnings == context.warnings)
        // It has nothing of times before its mark.
        let before = QueryContext()
        #expect(try await offPool { try samples(source, "a", mark - 1000...mark - 1, before) } == [mark - 5: 1])
        #expect(before.warnings.isEmpty)
        await writers.shutdown()
    }

    @Test(
        "a writer that tells a time beyond all calendars is a warning like any other",
        arguments: [Int64.max, 10_000_000_000_000, Int64.min + 1])
    func farMark(mark: Int64) async throws {
        var held: QueryWriters?
        try await withServer(sealedBefore: mark) { writer in
            let writers = try makeWriters([writer.server.url])
            await writers.look(at: "anonymous")()
            held = writers
        }
        let writers = try #require(held)
        let bucket = try Bucket([])
        let context = QueryContext()
        let source = writers.source(over: bucket.store, tenant: "anonymous")
        #expect(try await offPool { try samples(source, "a", 0 ... .max, context) }.isEmpty)
        #expect(context.warnings.first?.hasSuffix("what it has not uploaded is missing") == true, "\(context.warnings)")
        await writers.shutdown()
    }

    @Test("a process that only reads is no writer")
    func reader() async throws {
        try await withServer(["--storage.read-only", "--objstore.config-file", "none"]) { reader in
            let told = try await reader.get("/api/v1/status/sealed")
            #expect(told.status == 403 && told.text.contains("ask the servers that upload"), "\(told.text)")
            let writers = try makeWriters([reader.server.url])
            await writers.look(at: "anonymous")()
            let bucket = try Bucket([(reader.now, 1)])
            let source = writers.source(over: bucket.store, tenant: "anonymous")
            let context = QueryContext()
            #expect(try await offPool { try samples(source, "a", reader.now - 5...reader.now, context) }.count == 1)
            let warning = context.warnings.first ?? ""
            #expect(warning.contains("answers 403: this process writes nothing"), "\(warning)")
            #expect(
                warning.hasSuffix("ask the servers that upload): what it has not uploaded is missing"), "\(warning)")
            await writers.shutdown()
        }
    }

    @Test("what is no URL is refused", arguments: ["metrics-1:9090", "http://u:p@metrics-1", "http://"])
    func refused(url: String) {
        #expect(throws: UsageError.self) { try makeWriters([url]) }
    }
}
