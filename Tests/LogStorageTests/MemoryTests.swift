import Durable
import LogQL
import LogStorage
import MartletCore
import Testing

@Suite("The memory of the log store")
struct MemoryTests {
    let directory: TemporaryDirectory
    let web = Labels([("app", "web")])

    init() throws { directory = try TemporaryDirectory("logs") }

    @Test("bounds streams with their labels, and tiny lines, as it bounds large ones", arguments: [true, false])
    func smallThings(manyStreams: Bool) throws {
        let store = try LogStore.open(directory.path, memory: 16 << 20)
        var record = LogRecord()
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        if manyStreams {
            for number in 0..<5_000 {
                record.beginStream(Labels([("app", String(repeating: "x", count: 1000) + "\(number)")]))
                record.append(timestamp: noon, line: none, metadata: none)
            }
        } else {
            record.beginStream(web)
            for number in 0..<200_000 { record.append(timestamp: noon + Int64(number), line: none, metadata: none) }
        }
        #expect(throws: LogStorageError.memoryFull(limit: 8 << 20)) { try store.append(record, tenant: "fake") }
        #expect(store.memoryBytes == 0)
    }

    @Test("is given back when streams go", arguments: [1, 50])
    func accounting(streams: Int) throws {
        let time = Lock<Int64>(noon / 1_000_000_000)
        var options = LogStorageOptions()
        options.retention.seconds = 7200
        let store = try LogStore.open(directory.path, options, clock: { time.withLock { $0 } })
        for round in 0..<10 {
            let pushed = (0..<streams).map { number in
                (
                    labels: Labels([("app", "\(number % (round + 1))")]),
                    entries: (0..<500).map { Entry(time: noon + Int64($0), line: "line \($0) of \(round)") }
                )
            }
            try store.append(LogRecord(pushed), tenant: "fake")
            time.withLock { $0 += 100 }
            store.maintain()
        }
        #expect(store.memoryBytes > 0)
        time.withLock { $0 += 10_000 }
        store.maintain()
        #expect(store.memoryBytes == 0)
    }

    @Test("that a query takes is bounded where sources write to one stream side by side", arguments: [true, false])
    func overlap(isBackward: Bool) throws {
        let store = try LogStore.open(directory.path, memory: 1 << 30)
        let filler = String(repeating: "some text ", count: 100)
        var expected = 0
        for push in 0..<400 {
            // Each push reaches into the times of the one before.
            let entries = (0..<100).map { index in
                Entry(time: noon + Int64(push * 100 + index - (push % 2) * 7), line: "\(filler)\(push)-\(index)")
            }
            expected += entries.count
            try store.append(LogRecord([(web, entries)]), tenant: "fake")
        }
        let selection = LogSelection(
            matchers: [], start: 0, end: .max, direction: isBackward ? .backward : .forward)
        let context = LogQueryContext(memoryLimit: 30 << 20)
        var lines: Set<String> = []
        var edge = isBackward ? Int64.max : Int64.min
        try store.source(tenant: "fake")?.entries(selection, context: context) { batch in
            for row in batch.rows { lines.insert(String(decoding: batch.line(Int(row)), as: UTF8.self)) }
            let (first, last) = (batch.timestamps[Int(batch.rows[0])], batch.timestamps[Int(batch.rows.last ?? 0)])
            #expect(isBackward ? last < edge : first > edge)
            edge = isBackward ? first : last
            return .more
        }
        #expect(lines.count == expected)
    }

    @Test("that queries hold is taken from the process, and given back")
    func queryBudget() throws {
        let budget = MemoryBudget(limitBytes: 4 << 20)
        do {
            let context = LogQueryContext(memoryLimit: 64 << 20, budget: budget)
            try context.hold(3 << 20)
            #expect(budget.used >= 3 << 20)
            #expect(throws: LogQueryError.self) { try context.hold(2 << 20) }
        }
        #expect(budget.used == 0)
    }
}
