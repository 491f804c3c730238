import Dispatch
import Durable
import Glibc
import LogQL
import LogStorage
import MartletCore
import Testing

/// Blocks are made while others read and append.
@Suite("A log store that seals what has ended", .timeLimit(.minutes(2)))
struct SealingTests {
    private static let streams = 1500
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("logs") }

    private static func labels(_ round: Int, _ stream: Int) -> Labels {
        Labels([("round", "\(round)"), ("stream", "\(stream)")])
    }

    private static func entries(_ range: Range<Int>) -> [Entry] {
        range.map { Entry(time: noon + Int64($0), line: "line \($0)") }
    }

    /// Lines of many streams.
    private static func many(_ round: Int, _ range: Range<Int>) -> LogRecord {
        LogRecord((0..<streams).map { (labels(round, $0), entries(range)) })
    }

    /// A push after which a generation is large enough to end.
    private static func last(_ round: Int) -> LogRecord {
        let line = String(repeating: "x", count: options.generationBytes)
        return LogRecord([("filler", "\(round)")], [Entry(time: noon, line: line)])
    }

    private static var options: LogStorageOptions {
        var options = LogStorageOptions()
        options.generationBytes = 1 << 20
        return options
    }

    /// Lines by the round of their stream, each as often as it is there.
    private static func lines(_ store: LogStore) throws -> [String: Int] {
        let selection = LogStreamSelection(matching: [], start: 0, end: .max)
        let found = try store.source(tenant: "fake")?.streams(selection, context: LogQueryContext()) ?? []
        return found.reduce(into: [:]) { $0[$1.labels["round"] ?? "", default: 0] += $1.entries }
    }

    @Test("keeps lines once that come to a segment whose heads become blocks")
    func late() throws {
        let pause = Lock<(() -> Void)?>(nil)
        // The store asks for the time when the log has a record and memory has not.
        let clock: @Sendable () -> Int64 = {
            let step = pause.withLock { pause in
                defer { pause = nil }
                return pause
            }
            step?()
            return noon / 1_000_000_000
        }
        let store = try LogStore.open(directory.path, Self.options, memory: 2 << 30, clock: clock)
        let sweeps = 40
        for round in 0..<3 {
            try store.append(Self.many(round, 0..<1), tenant: "fake")
            let (logged, stored) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let isEnded = Lock(false)
            let limit = 2 * Self.options.generationBytes
            pause.withLock {
                $0 = {
                    let level = store.memoryBytes
                    logged.signal()
                    // Until the push that ends the segment has begun, and has given back most of what it took: then it seals.
                    while !isEnded.withLock({ $0 }), store.memoryBytes < level + limit { sched_yield() }
                    while !isEnded.withLock({ $0 }), store.memoryBytes > level + limit * 5 / 4 { sched_yield() }
                }
            }
            // Goes round all streams again and again while they are sealed.
            let record = LogRecord(
                (1...sweeps).flatMap { sweep in
                    (0..<Self.streams).map { (Self.labels(round, $0), Self.entries(sweep..<sweep + 1)) }
                })
            DispatchQueue.global().async {
                try? store.append(record, tenant: "fake")
                stored.signal()
            }
            logged.wait()
            try store.append(Self.last(round), tenant: "fake")
            isEnded.withLock { $0 = true }
            stored.wait()
            #expect(try Self.lines(store)["\(round)"] == (sweeps + 1) * Self.streams)
        }
        let expected = Self.entries(0..<sweeps + 1)
        func expectAll(in store: LogStore) throws {
            let found = try store.read()
            for round in 0..<3 {
                #expect((0..<Self.streams).allSatisfy { found[Self.labels(round, $0)] == expected })
            }
        }
        try expectAll(in: store)
        store.maintain()
        try expectAll(in: store)
        try store.close()
        try expectAll(in: LogStore.open(directory.path, Self.options))
    }

    @Test("gives queries each line once at any time, whether it is in a head, a block or a file")
    func queries() throws {
        let rounds = 8
        let store = try LogStore.open(directory.path, Self.options)
        let acknowledged = Lock(0)
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) {
            for round in 0..<rounds {
                try? store.append(Self.many(round, 0..<3), tenant: "fake")
                acknowledged.withLock { $0 = round + 1 }
                try? store.append(Self.last(round), tenant: "fake")
            }
        }
        DispatchQueue.global().async(group: group) {
            while acknowledged.withLock({ $0 }) < rounds { store.maintain() }
        }
        var isDone = false
        repeat {
            isDone = group.wait(timeout: .now()) == .success
            let whole = acknowledged.withLock { $0 }
            let found = try Self.lines(store)
            #expect((0..<whole).allSatisfy { found["\($0)"] == 3 * Self.streams })
            #expect(found.allSatisfy { $0.key.isEmpty || $0.value <= 3 * Self.streams })
        } while !isDone
    }

    @Test("gives queries each line once while so many streams come that those that are wanted become few among them")
    func growth() throws {
        var options = LogStorageOptions()
        options.blockBytes = 64
        let store = try LogStore.open(directory.path, options)
        // So many blocks that a query looks at them in more than one step.
        let (streams, blocks) = (300, 20)
        let line = String(repeating: "x", count: options.blockBytes)
        let entries = (0..<blocks).map { Entry(time: noon + Int64($0), line: line) }
        let wanted = LogRecord((0..<streams).map { (Self.labels(0, $0), entries) })
        let selection = LogStreamSelection(matching: [[Matcher(equal: "round", "0")]], start: 0, end: .max)
        // Again and again: a query must be between two steps when there are just enough of the others.
        for round in 0..<30 {
            let tenant = "\(round)"
            try store.append(wanted, tenant: tenant)
            let others = LogRecord(
                (0..<5000 + 200 * round).map { (Self.labels(1, $0), [Entry(time: noon, line: "")]) })
            let group = DispatchGroup()
            DispatchQueue.global().async(group: group) { try? store.append(others, tenant: tenant) }
            var isDone = false
            repeat {
                isDone = group.wait(timeout: .now()) == .success
                let found = try store.source(tenant: tenant)?.streams(selection, context: LogQueryContext()) ?? []
                #expect(found.reduce(0) { $0 + $1.entries } == streams * blocks)
            } while !isDone
        }
    }
}
