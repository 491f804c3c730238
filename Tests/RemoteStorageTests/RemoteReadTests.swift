import Compression
import Durable
import HTTPTypes
import Hummingbird
import Logging
import MartletCore
import MetricStorage
import NIOCore
import PromQL
import RemoteStorage
import SampleMath
import Service
import Testing
import Wire

@Suite("Reading from other servers")
struct RemoteReadTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private static let now: Int64 = 1_700_000_000_000

    private func store(_ path: String, _ samples: [(name: String, time: Int64, value: Double)]) throws -> MetricStore {
        let store = try MetricStore(path, budget: MemoryBudget(limitBytes: 1 << 30), logger: Self.logger)
        var batch = SampleBatch()
        for sample in samples {
            Labels([("__name__", sample.name)]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
            batch.add(Self.now + sample.time, sample.value)
        }
        _ = try store.append(&batch)
        return store
    }

    /// A server that answers remote read from a store, streamed or not, under external labels.
    private func server(
        _ store: MetricStore, isStreamed: Bool, externalLabels: [(key: String, value: String)] = [],
        asked: Lock<[RemoteRead.Request]> = Lock([])
    ) async throws -> EmbeddedServer {
        let router = Daemon.makeRouter()
        router.post("/read") { request, context -> Response in
            let body = try await requestBody(request, context, limit: 1 << 20)
            let bytes = try body.withUnsafeReadableBytes { try Snappy.decompress($0, limit: 1 << 20) }
            let wanted = try bytes.withUnsafeBytes { try RemoteRead.Request(protobuf: $0) }
            asked.withLock { $0.append(wanted) }
            return try await context.blocking.run {
                let query = QueryContext()
                let answers = try wanted.queries.map {
                    try ReadAnswer($0, from: store, externalLabels: externalLabels, context: query)
                }
                var out: [UInt8] = []
                if isStreamed {
                    let stream = ReadStream(answers, frameLimit: 200, context: query)
                    while let frames = try stream.next() { out += frames }
                    return Response(
                        status: .ok, headers: [.contentType: RemoteRead.ResponseType.streamedChunks.contentType],
                        body: .init(byteBuffer: ByteBuffer(bytes: out)))
                }
                var writer = RemoteRead.ResponseWriter()
                var buffer = SeriesSamples()
                for answer in answers {
                    for position in 0..<answer.count { writer.add(try answer.samples(position, &buffer)) }
                    writer.endQuery()
                }
                out = try writer.bytes.withUnsafeBytes { try Snappy.compress($0) }
                return Response(
                    status: .ok,
                    headers: [.contentType: RemoteRead.ResponseType.samples.contentType, .contentEncoding: "snappy"],
                    body: .init(byteBuffer: ByteBuffer(bytes: out)))
            }
        }
        return try await EmbeddedServer(router: router)
    }

    private func config(_ url: String, _ keys: String = "") throws -> RemoteReadConfig {
        try RemoteReadConfig(ConfigDocument(text: "url: \(url)/read\n\(keys)", file: "prometheus.yml").root)
    }

    /// All samples of a metric, as `time=value`, and the warnings.
    private func read(
        _ source: FanoutSource, _ matchers: [Matcher], from start: Int64 = -3_600_000, to end: Int64 = 3_600_000
    ) async throws -> (samples: [String], warnings: [String]) {
        try await BlockingPool(threads: 1).run {
            let context = QueryContext()
            let set = try source.select(
                MetricSelection(matchers: matchers, minTime: Self.now + start, maxTime: Self.now + end),
                context: context)
            var found: [String] = []
            for index in 0..<set.count {
                var samples = SeriesSamples()
                try set.read(index, into: &samples)
                for (time, value) in zip(samples.floats.timestamps, samples.floats.values) {
                    found.append("\(set.labels(at: index))@\(time - Self.now)=\(value)")
                }
            }
            return (found.sorted(), context.warnings)
        }
    }

    @Test("the samples of both are one series; at the same time the own one counts", arguments: [true, false])
    func merged(isStreamed: Bool) async throws {
        let (here, there) = (try TemporaryDirectory(), try TemporaryDirectory())
        let local = try store(here.path, [("a", 0, 1), ("a", 10, 2)])
        let remote = try store(there.path, [("a", -10, 7), ("a", 0, 8), ("b", 5, 9)])
        let server = try await server(remote, isStreamed: isStreamed)
        let source = FanoutSource(local, logger: Self.logger)
        try await source.apply([try config(server.url, "read_recent: true")], externalLabels: [])
        let all = try await read(source, [try Matcher(.regex, "__name__", "a|b")])
        #expect(all.samples == ["a@-10=7.0", "a@0=1.0", "a@10=2.0", "b@5=9.0"])
        #expect(all.warnings.isEmpty)
        await source.shutdown()
        await server.stop()
        try local.close()
        try remote.close()
    }

    @Test("without read_recent others are asked only for times before the own samples")
    func recent() async throws {
        let (here, there) = (try TemporaryDirectory(), try TemporaryDirectory())
        let local = try store(here.path, [("a", 0, 1)])
        let remote = try store(there.path, [("a", -10, 7), ("a", 5, 8)])
        let asked = Lock<[RemoteRead.Request]>([])
        let server = try await server(remote, isStreamed: true, asked: asked)
        let source = FanoutSource(local, logger: Self.logger)
        try await source.apply([try config(server.url)], externalLabels: [])
        let name = [Matcher(equal: "__name__", "a")]
        #expect(try await read(source, name, from: 1).samples == [])
        #expect(asked.withLock { $0.count } == 0)
        #expect(try await read(source, name).samples == ["a@-10=7.0", "a@0=1.0"])
        #expect(asked.withLock { $0.first?.queries.first?.endMs } == Self.now)
        await source.shutdown()
        await server.stop()
        try local.close()
        try remote.close()
    }

    @Test("external labels are asked for and taken off, and required matchers decide who is asked")
    func labels() async throws {
        let (here, there) = (try TemporaryDirectory(), try TemporaryDirectory())
        let local = try store(here.path, [])
        let remote = try store(there.path, [("a", 0, 7)])
        let labels = [(key: "site", value: "s")]
        let asked = Lock<[RemoteRead.Request]>([])
        let server = try await server(remote, isStreamed: false, externalLabels: labels, asked: asked)
        let source = FanoutSource(local, logger: Self.logger)
        let name = Matcher(equal: "__name__", "a")
        try await source.apply([try config(server.url)], externalLabels: labels)
        #expect(try await read(source, [name]).samples == ["a@0=7.0"])
        #expect(
            asked.withLock { $0.last?.queries.first?.matchers.last } == .init(type: 0, name: "site", value: "s"))
        try await source.apply([try config(server.url, "filter_external_labels: false")], externalLabels: labels)
        #expect(try await read(source, [name]).samples == [#"a{site="s"}@0=7.0"#])
        try await source.apply([try config(server.url, "required_matchers: {job: x}")], externalLabels: labels)
        #expect(try await read(source, [name]).samples == [])
        await source.shutdown()
        await server.stop()
        try local.close()
        try remote.close()
    }

    @Test("samples that come in any order are read in that of time, each time once")
    func shuffled() async throws {
        let here = try TemporaryDirectory()
        let local = try store(here.path, [])
        let router = Daemon.makeRouter()
        router.post("/read") { _, _ -> Response in
            var series = RemoteRead.Series(Labels([("__name__", "a")]))
            series.samples = [(20, 1), (0, 2), (10, 3), (0, 4)].map { .init(timestamp: Self.now + $0, value: $1) }
            var writer = RemoteRead.ResponseWriter()
            writer.add(series)
            writer.endQuery()
            let out = try writer.bytes.withUnsafeBytes { try Snappy.compress($0) }
            return Response(
                status: .ok,
                headers: [.contentType: RemoteRead.ResponseType.samples.contentType, .contentEncoding: "snappy"],
                body: .init(byteBuffer: ByteBuffer(bytes: out)))
        }
        let server = try await EmbeddedServer(router: router)
        let source = FanoutSource(local, logger: Self.logger)
        try await source.apply([try config(server.url, "read_recent: true")], externalLabels: [])
        let times = try await BlockingPool(threads: 1).run {
            let set = try source.select(
                MetricSelection(
                    matchers: [Matcher(equal: "__name__", "a")], minTime: Self.now - 100, maxTime: Self.now + 100),
                context: QueryContext())
            var samples = SeriesSamples()
            for index in 0..<set.count { try set.read(index, into: &samples) }
            return zip(samples.floats.timestamps, samples.floats.values).map { "\($0 - Self.now)=\($1)" }
        }
        #expect(times == ["0=2.0", "10=3.0", "20=1.0"])
        await source.shutdown()
        await server.stop()
        try local.close()
    }

    @Test("a server that does not answer is a warning; the own samples are there")
    func failure() async throws {
        let here = try TemporaryDirectory()
        let local = try store(here.path, [("a", 0, 1)])
        let source = FanoutSource(local, logger: Self.logger)
        try await source.apply([try config("http://127.0.0.1:1", "name: other")], externalLabels: [])
        let all = try await read(source, [Matcher(equal: "__name__", "a")])
        #expect(all.samples == ["a@0=1.0"])
        #expect(all.warnings.count == 1)
        #expect(all.warnings.first?.hasPrefix("remote read from other: ") == true)
        await source.shutdown()
        try local.close()
    }
}
