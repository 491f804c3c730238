import Durable
import Logging
import MartletCore
import MetricStorage
import Testing

@Suite("A log of samples without a store")
struct SeriesLogTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private static let minute: Int64 = 60_000

    private func open(_ path: String, on fileSystem: any FileSystem = DiskFileSystem()) throws -> SeriesLog {
        try SeriesLog(path, budget: MemoryBudget(limitBytes: 1 << 30), logger: Self.logger, on: fileSystem)
    }

    private func series(_ name: String, _ time: Int64, _ value: Double) -> SeriesLog.Series {
        var series = SeriesLog.Series(Labels([("__name__", name)]))
        series.samples = [(time, value)]
        return series
    }

    /// Everything behind a position, as `number=labels`, `number@time=value`, `number@time=count n`, `number@time=labels value`.
    private func entries(
        _ path: String, from position: RecordPosition = .init(segment: 0, offset: 0)
    ) throws -> [String] {
        var tail = try LogTail(store: path, from: position)
        var found: [String] = []
        while try tail.next({ entry in
            switch entry {
            case .series(let ref, let labels): found.append("\(ref)=\(Labels(canonicalBytes: Array(labels)))")
            case .sample(let ref, let time, let bits): found.append("\(ref)@\(time)=\(Double(bitPattern: bits))")
            case .histogram(let ref, let time, let value): found.append("\(ref)@\(time)=count \(value.count)")
            case .exemplar(let ref, let time, let bits, let labels):
                let own = Labels(canonicalBytes: Array(labels))
                found.append("\(ref)@\(time)=\(own) \(Double(bitPattern: bits))")
            }
        }) {}
        return found
    }

    /// The series that a reader at the end of the log knows.
    private func knownSeries(_ path: String, _ log: SeriesLog) throws -> [UInt64: String] {
        var found: [UInt64: String] = [:]
        try LogTail(store: path, from: log.logEnd).knownSeries {
            found[$0] = Labels(canonicalBytes: Array($1)).description
        }
        return found
    }

    @Test("a series is named once, and then its samples, histograms and exemplars come under its number")
    func records() throws {
        let directory = try TemporaryDirectory()
        let log = try open(directory.path)
        var histogram = StoredHistogram(isFloat: false)
        (histogram.count, histogram.positive) = (2, [2])
        histogram.layout.positiveSpans = [.init(offset: 1, length: 1)]
        var first = series("a", 1000, 1)
        first.exemplars = [.init(labels: Labels([("traceID", "t")]), value: 0.5, timeMs: 900)]
        var second = SeriesLog.Series(Labels([("__name__", "h")]))
        second.histograms = [(1000, histogram)]
        try log.append([first, second])
        try log.append([series("a", 2000, 3)])
        #expect(
            try entries(directory.path) == [
                "1=a", "2=h", "1@1000=1.0", #"1@900={traceID="t"} 0.5"#, "2@1000=count 2", "1@2000=3.0",
            ])
        #expect(log.newestSampleMs == 2000)
        try log.close()
    }

    @Test("after a restart a series keeps its number, and new ones get numbers that none has had")
    func restart() throws {
        let directory = try TemporaryDirectory()
        do {
            let log = try open(directory.path)
            try log.append([series("a", 1000, 1), series("b", 1000, 1)])
            try log.close()
        }
        let log = try open(directory.path)
        let end = log.logEnd
        try log.append([series("c", 2000, 1), series("a", 2000, 2)])
        #expect(try entries(directory.path, from: end) == ["3=c", "3@2000=1.0", "1@2000=2.0"])
        try log.close()
    }

    @Test("whole segments leave when nobody wants them, and series leave with their last samples")
    func truncation() throws {
        let directory = try TemporaryDirectory()
        let log = try open(directory.path)
        try log.append([series("quiet", 1000, 1), series("busy", 1000, 1)])
        try log.truncate(nowMs: 0)
        #expect(try entries(directory.path).count == 4, "the segment is too young")
        try log.truncate(nowMs: 10 * Self.minute)
        #expect(try entries(directory.path) == [])
        #expect(log.seriesCount == 0)
        try log.append([series("busy", 2000, 2)])
        #expect(try entries(directory.path) == ["3=busy", "3@2000=2.0"], "no number is used twice")
        try log.close()
    }

    @Test("a series that lives on is named by the checkpoint")
    func checkpoint() throws {
        let directory = try TemporaryDirectory()
        let log = try open(directory.path)
        try log.append([series("quiet", 1000, 1), series("busy", 1000, 1)])
        let held = Lock(0)
        log.holdLog { held.withLock { $0 } }
        try log.truncate(nowMs: 0)
        try log.truncate(nowMs: 10 * Self.minute)
        try log.append([series("busy", 2000, 2)])
        #expect(try entries(directory.path).count == 5, "a reader wants all of it")
        held.withLock { $0 = 1 }
        try log.truncate(nowMs: 11 * Self.minute)
        #expect(try entries(directory.path) == ["2@2000=2.0"])
        #expect(try knownSeries(directory.path, log) == [2: "busy"])
        #expect(log.seriesCount == 1)
        try log.close()
    }

    @Test("a log whose segments have all gone begins behind them")
    func emptyRestart() throws {
        let directory = try TemporaryDirectory()
        var end = RecordPosition(segment: 0, offset: 0)
        do {
            let log = try open(directory.path)
            try log.append([series("a", 1000, 1)])
            try log.truncate(nowMs: 0)
            try log.truncate(nowMs: 10 * Self.minute)
            end = log.logEnd
            try log.close()
        }
        let log = try open(directory.path)
        #expect(log.logEnd >= end)
        try log.append([series("a", 2000, 1)])
        #expect(try entries(directory.path, from: end) == ["1=a", "1@2000=1.0"])
        try log.close()
    }

    @Test("a torn end is cut off, what is before it stays, and the log goes on")
    func damage() throws {
        let directory = try TemporaryDirectory()
        var size: Int64 = 0
        do {
            let log = try open(directory.path)
            try log.append([series("a", 1000, 1)])
            try log.append([series("b", 1000, 1)])
            size = log.logEnd.offset
            try log.close()
        }
        let file = try DiskFileSystem().open(directory.path + "/wal/00000000", .readWrite)
        try file.truncate(to: size - 3)
        let log = try open(directory.path)
        try log.append([series("b", 2000, 2)])
        #expect(try entries(directory.path) == ["1=a", "1@1000=1.0", "2=b", "2@2000=2.0"])
        try log.close()
    }

    @Test("what is known of families is told with samples")
    func metadata() throws {
        let directory = try TemporaryDirectory()
        let log = try open(directory.path)
        let entry = MetadataTable.Entry(type: "counter", help: "how many")
        var item = series("a_total", 1000, 1)
        item.metadata = .init(family: "a_total", entry)
        try log.append([item])
        #expect(log.metadata.families() == ["a_total": entry])
        try log.close()
    }

    @Test("two processes do not write one log")
    func locked() throws {
        let directory = try TemporaryDirectory()
        let log = try open(directory.path)
        #expect { try open(directory.path) } throws: { ($0 as? DurableError)?.code == .locked }
        try log.close()
    }

    @Test("a log that was closed can be opened at once, and what still refers to it changes nothing")
    func closed() throws {
        let directory = try TemporaryDirectory()
        let first = try open(directory.path)
        try first.append([series("a", 1000, 1)])
        try first.close()
        let second = try open(directory.path)
        try second.append([series("a", 2000, 2)])
        try first.close()
        let changes: [() throws -> Void] = [
            { try first.append([series("b", 3000, 3)]) }, { try first.truncate(nowMs: 0) },
        ]
        for change in changes {
            let failure = #expect(throws: DurableError.self, performing: change)
            #expect(failure?.code == .closed)
        }
        #expect { try open(directory.path) } throws: { ($0 as? DurableError)?.code == .locked }
        #expect(try entries(directory.path) == ["1=a", "1@1000=1.0", "1@2000=2.0"])
        try second.close()
    }
}
