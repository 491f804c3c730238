import Collection
import Delivery
import Durable
import Logging
import MartletCore
import Testing
import Wire

@Suite("Batches of lines on their way into the clients' queues")
struct QueueOutputTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func target(
        _ name: String, maxBytes: Int = 8 << 20, on fileSystem: any FileSystem = DiskFileSystem()
    ) throws -> QueueOutput.Target {
        let queue = try DiskQueue(
            directory.file(name), name: name, options: .init(maxBytes: maxBytes, sync: .interval(seconds: 3600)),
            logger: Self.quiet, on: fileSystem, now: { 0 })
        return QueueOutput.Target(client: LogClient(url: "http://x/"), queue: queue, limit: maxBytes)
    }

    private func batch(_ lines: [[UInt8]]) -> LogBatch {
        var batch = LogBatch()
        for (index, line) in lines.enumerated() {
            batch.add(LogEntry(labels: Labels([("app", "\(index % 3)")]), timestamp: Int64(index), line: line))
        }
        return batch
    }

    /// The lines that wait in a queue, by payload and in order of their timestamps.
    private func drain(_ queue: DiskQueue) throws -> [[Int64]] {
        var payloads: [[Int64]] = []
        while let item = try queue.peek() {
            payloads.append(try LokiPush.PushRequest(protobuf: item.payload.body).entries.map(\.timestamp).sorted())
            try queue.commit(item)
        }
        return payloads
    }

    @Test("a batch counts its empty lines too, so that they cannot fill the memory")
    func emptyLines() {
        #expect(batch(Array(repeating: [], count: 1000)).bytes > 10_000)
    }

    @Test("a batch that fits is one payload")
    func whole() throws {
        let target = try target("a")
        var batch = batch([[1], [2], [3]])
        try QueueOutput([target], logger: Self.quiet).ship(&batch)
        #expect(try drain(target.queue) == [[0, 1, 2]])
    }

    @Test("a batch larger than what the queue takes at once goes in parts")
    func parts() throws {
        let target = try target("a")
        var batch = batch((0..<30).map { [UInt8](repeating: UInt8($0), count: 100_000) })
        try QueueOutput([target], logger: Self.quiet).ship(&batch)
        let payloads = try drain(target.queue)
        #expect(payloads.count == 4)
        #expect(payloads.joined().sorted() == Array(0..<30))
    }

    @Test("a line that can never fit is dropped, and the others go")
    func tooLarge() throws {
        let target = try target("a")
        var batch = batch([[1], [UInt8](repeating: 2, count: target.queue.payloadLimit), [3]])
        try QueueOutput([target], logger: Self.quiet).ship(&batch)
        #expect(try drain(target.queue).joined().sorted() == [0, 2])
    }

    @Test("a batch that one client's queue refuses goes once to the others")
    func oneRefuses() throws {
        let recording = try RecordingFileSystem(root: directory.path)
        let targets = [try target("a"), try target("b", on: recording), try target("c")]
        let output = QueueOutput(targets, logger: Self.quiet)
        var batch = batch([[1], [2]])
        recording.setCapacity(0)
        for _ in 0..<3 { #expect(throws: DurableError.self) { try output.ship(&batch) } }
        recording.setCapacity(nil)
        try output.ship(&batch)
        for target in targets { #expect(try drain(target.queue) == [[0, 1]]) }
    }

    @Test("a batch that a queue took in part goes on where it stopped")
    func partRefused() throws {
        let recording = try RecordingFileSystem(root: directory.path)
        let target = try target("a", on: recording)
        let output = QueueOutput([target], logger: Self.quiet)
        var random = Durable.SplitMix64(seed: 1)
        // Not compressible, so that sizes on disk are what they seem.
        var batch = batch((0..<30).map { _ in (0..<100_000).map { _ in UInt8(truncatingIfNeeded: random.next()) } })
        recording.setCapacity(1 << 20)
        #expect(throws: DurableError.self) { try output.ship(&batch) }
        recording.setCapacity(nil)
        try output.ship(&batch)
        #expect(try drain(target.queue).joined().sorted() == Array(0..<30))
    }

    @Test("while a queue is nearly full nothing is taken")
    func full() throws {
        let target = try target("a", maxBytes: 1 << 20)
        let output = QueueOutput([target], logger: Self.quiet)
        var random = Durable.SplitMix64(seed: 1)
        var shipped = 0
        do {
            while shipped < 100 {
                var batch = batch([(0..<50_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }])
                try output.ship(&batch)
                shipped += 1
            }
            Issue.record("took more than it may hold")
        } catch is QueueOutput.Full {}
        #expect(target.queue.count == shipped)
    }
}
