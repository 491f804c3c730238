import Collection
import Durable
import Logging
import MartletCore
import Service
import Testing
import Wire

/// Takes batches, or refuses them as a full queue does.
private final class Output: LogOutput {
    private let state = Lock((isFull: false, lines: [String]()))

    struct Full: Error {}

    var isFull: Bool {
        get { state.withLock { $0.isFull } }
        set { state.withLock { $0.isFull = newValue } }
    }
    var lines: [String] { state.withLock { $0.lines } }

    func ship(_ batch: inout LogBatch) throws {
        if isFull { throw Full() }
        let external = Labels([("dc", "x"), ("job", "y")])
        for payload in batch.encoded(externalLabels: external, limit: 1 << 20).payloads {
            let push = try LokiPush.PushRequest(protobuf: payload)
            for stream in push.streams {
                let labels = text(push, stream.labels)
                for entry in push.entries[stream.entries] {
                    state.withLock { $0.lines.append("\(labels) \(text(push, entry.line))") }
                }
            }
        }
    }

    private func text(_ push: LokiPush.PushRequest, _ range: ByteRange) -> String {
        String(decoding: push.bytes[range.bounds], as: UTF8.self)
    }
}

@Suite("Lines of files on their way to the queue")
struct FileWorkerTests {
    private let directory: TemporaryDirectory
    private let output = Output()
    private var worker: FileWorker

    init() throws {
        directory = try TemporaryDirectory()
        worker = try FileWorkerTests.worker(directory, output)
    }

    private static func worker(_ directory: TemporaryDirectory, _ output: Output) throws -> FileWorker {
        let config = try PromtailConfig(
            ConfigDocument(
                text: """
                    scrape_configs:
                    - job_name: a
                      static_configs: [{labels: {job: j, __path__: '\(directory.path)/*.log'}}]
                      pipeline_stages:
                      - match: {selector: '{job="j"} |= "noise"', action: drop}
                      - multiline: {firstline: '^\\S', max_wait_time: 3s}
                    """, file: "config.yml"))
        var pace = FileWorker.Pace()
        pace.batchWait = 500
        pace.settle = 1000
        return FileWorker(
            jobs: config.jobs, tail: TailOptions(), positions: try PositionStore(path: directory.path + "/positions"),
            output: output, pace: pace, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { 7 })
    }

    private func line(_ text: String) -> String {
        "{dc=\"x\", filename=\"\(directory.path)/a.log\", job=\"j\"} \(text)"
    }

    private mutating func run(_ times: Int64...) {
        for time in times {
            while worker.step(now: time) {}
        }
    }

    @Test("get the client's labels where the stream has none, after the batch's wait")
    mutating func labels() throws {
        try directory.append("a.log", "one\ntwo\n")
        run(0, 400)
        #expect(output.lines == [])
        run(500)
        #expect(output.lines == [line("one")])
    }

    @Test("are read again after a crash unless they were in the queue and settled")
    mutating func crash() throws {
        try directory.append("a.log", "one\ntwo\nthree\n")
        run(0, 500)
        #expect(output.lines == [line("one"), line("two")])
        // Not settled yet: the position is not on the disk.
        worker = try Self.worker(directory, output)
        run(0, 500)
        #expect(output.lines.count == 4)
        // Settled now; the line that multiline holds back is before the position.
        run(1500)
        worker = try Self.worker(directory, output)
        try directory.append("a.log", "four\n")
        run(0, 500)
        #expect(output.lines.suffix(1) == [line("three")])
        #expect(output.lines.count == 5)
    }

    @Test("stay in their files while the queue is full")
    mutating func full() throws {
        output.isFull = true
        try directory.append("a.log", "one\ntwo\n")
        run(0, 500)
        try directory.append("a.log", "three\n")
        run(600, 1600)
        #expect(output.lines == [])
        output.isFull = false
        run(2700, 3300, 3900)
        #expect(output.lines == [line("one"), line("two")])
    }

    @Test("that the pipeline drops move the position too")
    mutating func dropped() throws {
        try directory.append("a.log", "noise 1\nnoise 2\n")
        run(0, 1100)
        #expect(try PositionStore(path: directory.path + "/positions").positions.map(\.offset) == [16])
    }

    @Test("go out at the end, with their positions")
    mutating func finish() throws {
        try directory.append("a.log", "one\ntwo\n")
        run(0)
        worker.finish(now: 10)
        #expect(output.lines == [line("one")])
        #expect(try PositionStore(path: directory.path + "/positions").positions.map(\.offset) == [4])
    }

    @Test("Positions of another shape stop the agent instead of sending everything again")
    func badPositions() throws {
        try directory.write("positions", "rubbish")
        #expect(throws: (any Error).self) { try PositionStore(path: directory.path + "/positions") }
    }
}

@Suite("Values settle")
struct SettlingTests {
    @Test("after their time, the newest standing for all before")
    func order() {
        var settling = Settling<Int>(milliseconds: 100)
        settling.add(1, now: 0)
        settling.add(2, now: 50)
        #expect(settling.settled(now: 99) == nil)
        #expect(settling.settled(now: 149) == 1)
        #expect(settling.settled(now: 150) == 2)
        #expect(settling.settled(now: 500) == nil)
    }

    @Test("without growing, however fast they come")
    func bounded() {
        var settling = Settling<Int>(milliseconds: 1000)
        for index in 0..<10_000 { settling.add(index, now: Int64(index / 10)) }
        #expect(settling.newest == 9999)
        #expect(settling.settled(now: 1999) == 9999)
    }

    @Test("at once when nothing is to be waited for")
    func immediate() {
        var settling = Settling<Int>(milliseconds: 0)
        settling.add(1, now: 5)
        #expect(settling.settled(now: 5) == 1)
    }
}
