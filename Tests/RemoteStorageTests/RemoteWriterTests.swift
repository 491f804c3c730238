import Durable
import HTTPTypes
import Logging
import MartletCore
import MetricStorage
import NIOCore
import NIOPosix
import RemoteStorage
import Service
import Testing
import Wire

@Suite("Sending on what a store takes")
struct RemoteWriterTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A store and a writer beside it; both end with the call.
    private struct Fixture {
        let store: MetricStore
        let metadata: MetadataTable
        let writer: RemoteWriter

        func append(_ name: String, _ time: Int64, _ value: Double) throws {
            var batch = SampleBatch()
            Labels([("__name__", name), ("job", "j")]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
            batch.add(time, value)
            _ = try store.append(&batch)
        }
    }

    private func config(_ url: String, _ keys: String = "", batch: Int = 100) throws -> RemoteWriteConfig {
        let yaml = """
            url: \(url)
            queue_config: {batch_send_deadline: 5ms, min_backoff: 1ms, max_backoff: 5ms, max_samples_per_send: \(batch)}
            metadata_config: {send_interval: 5ms}
            \(keys)
            """
        return try RemoteWriteConfig(ConfigDocument(text: yaml, file: "prometheus.yml").root)
    }

    /// Runs `body` with a store at `path` and a writer that knows `configs`; then stops the writer and closes the store.
    private func withWriter(
        _ path: String, _ configs: [RemoteWriteConfig], externalLabels: [(key: String, value: String)] = [],
        options: RemoteWriter.Options = RemoteWriter.Options(), _ body: (Fixture) async throws -> Void
    ) async throws {
        let store = try MetricStore(path, budget: MemoryBudget(limitBytes: 1 << 30), logger: Self.logger)
        let metadata = store.metadata
        let writer = RemoteWriter(
            store: store, blocking: BlockingPool(threads: 2), options: options, logger: Self.logger)
        try await writer.apply(configs, externalLabels: externalLabels)
        let task = Task { try await writer.run() }
        do {
            try await body(Fixture(store: store, metadata: metadata, writer: writer))
        } catch {
            task.cancel()
            _ = try? await task.value
            throw error
        }
        task.cancel()
        try await task.value
        try store.close()
    }

    @Test("external labels are added, relabelling drops and changes, headers are those of the protocol")
    func labels() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble()
        let keys = """
            headers: {X-Scope-OrgID: team}
            write_relabel_configs:
            - {source_labels: [__name__], regex: noise, action: drop}
            - {target_label: via, replacement: martlet}
            """
        let labels = [(key: "job", value: "other"), (key: "site", value: "s")]
        try await withWriter(directory.path, [try config(receiver.url, keys)], externalLabels: labels) { fixture in
            try fixture.append("noise", 1000, 1)
            try fixture.append("up", 1000, 2)
            let request = try #require(await receiver.request())
            #expect(request.samples == [#"up{job="j", site="s", via="martlet"}@1000=2.0"#])
            #expect(request.headers["x-scope-orgid"] == "team")
            #expect(request.headers["x-prometheus-remote-write-version"] == "0.1.0")
            #expect(request.headers["content-type"] == "application/x-protobuf")
        }
        await receiver.server.stop()
    }

    @Test("2.0 carries histograms with bounds of their own, exemplars beside their samples, and metadata")
    func version2() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble()
        let keys = "protobuf_message: io.prometheus.write.v2.Request\nsend_exemplars: true"
        try await withWriter(directory.path, [try config(receiver.url, keys)]) { fixture in
            fixture.metadata.update("a_total") { $0 = .init(type: "counter", help: "how many") }
            var batch = SampleBatch()
            Labels([("__name__", "a_total")]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
            batch.add(1000, 3)
            Labels([("trace_id", "t")]).bytes.withUnsafeBytes { batch.addExemplar($0, 900, 0.5) }
            var histogram = StoredHistogram(isFloat: false)
            histogram.layout.schema = -53
            histogram.layout.customBounds = [1]
            histogram.layout.positiveSpans = [.init(offset: 0, length: 2)]
            (histogram.count, histogram.positive) = (3, [1, 2])
            Labels([("__name__", "h")]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
            batch.add(1000, histogram)
            _ = try fixture.store.append(&batch)
            let request = try #require(await receiver.request())
            #expect(
                Set(request.samples) == ["a_total@1000=3.0", #"a_total@900={trace_id="t"} 0.5"#, "h@1000=count 3"])
            #expect(request.metadata == ["a_total 1 how many"])
            #expect(request.headers["x-prometheus-remote-write-version"] == "2.0.0")
        }
        await receiver.server.stop()
    }

    @Test("1.0 sends metadata by itself, again and again")
    func metadata() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble()
        try await withWriter(directory.path, [try config(receiver.url)]) { fixture in
            fixture.metadata.update("up") { $0 = .init(type: "gauge", help: "is it") }
            for _ in 0..<2 {
                let request = try #require(await receiver.request())
                #expect(request.metadata == ["up 2 is it"])
            }
        }
        await receiver.server.stop()
    }

    @Test("a receiver that is down for a while gets everything in order once it is back")
    func outage() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble { _ in .serviceUnavailable }
        try await withWriter(directory.path, [try config(receiver.url)]) { fixture in
            for index in 0..<250 { try fixture.append("a", Int64(index), 1) }
            receiver.answerWith { _ in .noContent }
            let samples = await receiver.samples(250)
            #expect(samples == (0..<250).map { #"a{job="j"}@\#($0)=1.0"# })
        }
        await receiver.server.stop()
    }

    @Test("after a restart sending goes on behind what was sent, also with what came while there was no receiver")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble()
        let configs = [try config(receiver.url)]
        try await withWriter(directory.path, configs) { fixture in
            try fixture.append("a", 1, 1)
            #expect(await receiver.samples(1) == [#"a{job="j"}@1=1.0"#])
            try fixture.append("a", 2, 1)
        }
        try await withWriter(directory.path, configs) { fixture in
            try fixture.append("b", 3, 1)
            let rest = await receiver.samples(2)
            #expect(rest == [#"a{job="j"}@2=1.0"#, #"b{job="j"}@3=1.0"#])
        }
        await receiver.server.stop()
    }

    @Test(
        "a receiver that takes connections and never answers holds up the end no longer than the deadline, and loses nothing",
        .timeLimit(.minutes(1)), arguments: ["http", "https"])
    func silentReceiver(scheme: String) async throws {
        let directory = try TemporaryDirectory()
        let silent = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(silent.localAddress?.port)
        var options = RemoteWriter.Options()
        options.flushDeadlineMs = 100
        var asked = ContinuousClock.now
        // The same name, so that the next writer goes on where this one has ended.
        try await withWriter(
            directory.path, [try config("\(scheme)://127.0.0.1:\(port)/write", "name: r")], options: options
        ) { fixture in
            try fixture.append("a", 1, 1)
            try await Task.sleep(for: .milliseconds(500))
            asked = .now
        }
        // The time that a connection or an answer may take is 30 s.
        #expect(ContinuousClock.now - asked < .seconds(15))
        try await silent.close()
        let receiver = try await WriteReceiverDouble()
        try await withWriter(directory.path, [try config(receiver.url, "name: r")]) { _ in
            #expect(await receiver.samples(1) == [#"a{job="j"}@1=1.0"#])
        }
        await receiver.server.stop()
    }

    @Test("what may have been sent before a crash is tried in ever smaller parts where a receiver refuses it whole")
    func uncertain() async throws {
        let directory = try TemporaryDirectory()
        // As a receiver of 1.0 that has one of the samples already, and then stores nothing of the request.
        let receiver = try await WriteReceiverDouble {
            $0.samples.contains(#"known{job="j"}@5=1.0"#) ? .badRequest : .noContent
        }
        let configs = [try config(receiver.url)]
        let path = directory.path
        try await withWriter(path, configs) { fixture in
            try fixture.append("first", 1, 1)
            _ = await receiver.samples(1)
        }
        do {
            let store = try MetricStore(path, budget: MemoryBudget(limitBytes: 1 << 30), logger: Self.logger)
            let begin = store.logEnd
            var batch = SampleBatch()
            for (index, name) in ["a", "b", "known", "c", "d"].enumerated() {
                Labels([("__name__", name), ("job", "j")]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
                batch.add(name == "known" ? 5 : Int64(10 + index), 1)
            }
            _ = try store.append(&batch)
            // The process died after the request had left.
            let directory = FilePath.join(path, "remote-write")
            let name = try #require(try DiskFileSystem().list(directory).first)
            var file = try PositionFile(FilePath.join(directory, name), on: DiskFileSystem())
            try file.save(.init(acknowledged: begin, handedOut: store.logEnd))
            try store.close()
        }
        try await withWriter(path, configs) { _ in
            let samples = await receiver.samples(4)
            #expect(
                samples.sorted() == [
                    #"a{job="j"}@10=1.0"#, #"b{job="j"}@11=1.0"#, #"c{job="j"}@13=1.0"#, #"d{job="j"}@14=1.0"#,
                ])
        }
        await receiver.server.stop()
    }

    @Test("a sample that is refused for good is given up, and those behind it go on")
    func refused() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble {
            $0.samples.contains { $0.hasPrefix("bad") } ? .badRequest : .noContent
        }
        try await withWriter(directory.path, [try config(receiver.url, batch: 1)]) { fixture in
            try fixture.append("good", 1, 1)
            try fixture.append("bad", 2, 1)
            try fixture.append("good", 3, 1)
            #expect(await receiver.samples(2) == [#"good{job="j"}@1=1.0"#, #"good{job="j"}@3=1.0"#])
        }
        await receiver.server.stop()
    }

    @Test("a reload that changes an element goes on where the old one was, and one that removes it stops sending")
    func reload() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await WriteReceiverDouble()
        try await withWriter(directory.path, [try config(receiver.url)]) { fixture in
            try fixture.append("a", 1, 1)
            #expect(await receiver.samples(1) == [#"a{job="j"}@1=1.0"#])
            let changed = "write_relabel_configs: [{target_label: job, replacement: k}]"
            try await fixture.writer.apply([try config(receiver.url, changed)], externalLabels: [])
            try fixture.append("a", 2, 1)
            #expect(await receiver.samples(1) == [#"a{job="k"}@2=1.0"#])
            try await fixture.writer.apply([], externalLabels: [])
            let files = try DiskFileSystem().list(FilePath.join(directory.path, "remote-write"))
            #expect(files.isEmpty)
        }
        await receiver.server.stop()
    }
}
