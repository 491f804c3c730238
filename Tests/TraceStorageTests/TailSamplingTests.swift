import Durable
import Glibc
import Logging
import MartletCore
import Testing
import TraceSampling
import TraceStorage
import Wire

@Suite("Tail sampling in the trace store")
struct TailSamplingTests {
    private static let second: UInt64 = 1_000_000_000

    private let directory: TemporaryDirectory
    private let budget = MemoryBudget(limitBytes: 1 << 30)
    private let now: UInt64 = 1_700_000_000 * Self.second

    init() throws {
        directory = try TemporaryDirectory("traces")
    }

    /// Traces with errors, after ten seconds; generations end whenever the store is looked after.
    private static func open(
        _ path: String, policies: [SamplingPolicy]? = nil, budget: MemoryBudget = MemoryBudget(limitBytes: 1 << 30),
        now: UInt64, on fileSystem: any FileSystem = DiskFileSystem(),
        _ change: (inout TailSampling) -> Void = { _ in },
        options changeOptions: (inout TraceStoreOptions) -> Void = { _ in }
    ) throws -> TraceStore {
        var sampling = TailSampling(policies: policies ?? [SamplingPolicy("errors", StatusRule([2]))])
        sampling.wait = 10 * second
        change(&sampling)
        var options = TraceStoreOptions()
        options.segmentBytes = 1 << 20
        options.flushSeconds = 0
        options.tail = sampling
        changeOptions(&options)
        return try TraceStore(
            path, options: options, budget: budget, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: now, on: fileSystem)
    }

    private func open(
        policies: [SamplingPolicy]? = nil, after seconds: UInt64 = 0, on fileSystem: any FileSystem = DiskFileSystem(),
        _ change: (inout TailSampling) -> Void = { _ in }
    ) throws -> TraceStore {
        try Self.open(
            directory.path, policies: policies, budget: budget, now: now + seconds * Self.second, on: fileSystem, change
        )
    }

    private static func request(_ trace: UInt64, _ span: UInt64, isError: Bool) -> [UInt8] {
        OTLPFixture.request(service: "a", [OTLPFixture.span(trace, span, status: isError ? 2 : 0)]).protobuf()
    }

    private func send(
        _ store: TraceStore, _ trace: UInt64, span: UInt64 = 1, isError: Bool = false, after seconds: UInt64 = 0
    ) throws {
        _ = try store.append(Self.request(trace, span, isError: isError), now: now + seconds * Self.second)
    }

    private func maintain(_ store: TraceStore, after seconds: UInt64) {
        store.maintain(now: now + seconds * Self.second)
    }

    private func spans(_ store: TraceStore, _ trace: UInt64) throws -> Int {
        guard let bytes = store.trace(high: 0, low: trace) else { return 0 }
        return try OTLP.Traces(protobuf: bytes, limits: .standard).resourceSpans.reduce(0) {
            $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count }
        }
    }

    // MARK: Decisions

    @Test("keeps all spans until they have had their time, then those of sampled traces")
    func decision() throws {
        let store = try open()
        try send(store, 1, isError: true)
        try send(store, 2)
        maintain(store, after: 0)
        maintain(store, after: 9)
        #expect(store.statistics().parts == 0)
        #expect(try spans(store, 2) == 1)
        maintain(store, after: 10)
        #expect(store.statistics().parts == 1)
        #expect(store.statistics().memory == 0)
        #expect(store.statistics().logBytes == 0)
        #expect(try spans(store, 1) == 1)
        #expect(try spans(store, 2) == 0)
        let counts = try #require(store.takeSamplingCounts())
        #expect(counts.all.sampled == 1)
        #expect(counts.all.notSampled == 1)
        #expect(counts.policies.map(\.policy) == ["errors"])
        #expect(counts.discardedSpans == 1)
        #expect(counts.earlyTraces == 0)
    }

    @Test("writes everything, and counts nothing, without tail sampling")
    func off() throws {
        let store = try Self.open(directory.path, now: now) { _ in
        } options: {
            $0.tail = nil
        }
        try send(store, 1)
        maintain(store, after: 0)
        #expect(store.statistics().parts == 1)
        #expect(store.takeSamplingCounts() == nil)
    }

    @Test("decides with the spans of all generations")
    func wholeTrace() throws {
        let store = try open()
        try send(store, 1)
        maintain(store, after: 0)
        try send(store, 1, span: 2, isError: true, after: 5)
        maintain(store, after: 5)
        maintain(store, after: 10)
        #expect(store.statistics().parts == 1)
        maintain(store, after: 15)
        #expect(store.statistics().memory == 0)
        #expect(try spans(store, 1) == 2)
    }

    @Test("counts a span once that came twice")
    func copies() throws {
        let store = try open(policies: [SamplingPolicy("two", SpanCountRule(minimum: 2))])
        try send(store, 1)
        try send(store, 1)
        maintain(store, after: 0)
        try send(store, 1, after: 5)
        maintain(store, after: 10)
        maintain(store, after: 15)
        #expect(store.statistics().spans == 0)
    }

    @Test(
        "asks spans and resources in memory what policies want to know",
        arguments: [
            (TextRule("string", TextMatcher(texts: ["text"])), true),
            // Of two attributes with one key the first counts.
            (TextRule("string", TextMatcher(texts: ["again"])), false),
            (TextRule("service.name", TextMatcher(texts: ["shop"])), true),
            (TextRule("int", TextMatcher(texts: ["42"])), false),
            (NumberRule("int", minimum: 42, maximum: 42), true), (NumberRule("int", minimum: 43, maximum: nil), false),
            (NumberRule("negative", minimum: -7, maximum: -7), true),
            (NumberRule("large", minimum: nil, maximum: -1_000_000_000_000), true),
            (NumberRule("double", minimum: 1, maximum: 2), true), (NumberRule("double", minimum: 2, maximum: 3), false),
            (NumberRule("n", minimum: 1, maximum: 1), true), (NumberRule("string", minimum: 0, maximum: nil), false),
            (BooleanRule("yes", true), true), (BooleanRule("no", true), false), (BooleanRule("no", false), true),
            (BooleanRule("nothing", false), false), (StatusRule([2]), true), (StatusRule([0, 1]), false),
            (TraceFlagsRule(), true), (TraceStateRule("a", values: ["b"]), true),
            (TraceStateRule("a", values: ["c"]), false), (LatencyRule(milliseconds: 0), true),
            (LatencyRule(milliseconds: 1), false), (SpanCountRule(minimum: 1, maximum: 1), true),
            (SpanCountRule(minimum: 2), false), (ByteRateRule(bytesPerSecond: 1 << 20), true),
            (ByteRateRule(bytesPerSecond: 100), false),
        ] as [(any SamplingRule, Bool)])
    func views(rule: any SamplingRule, isKept: Bool) throws {
        let store = try open(policies: [SamplingPolicy("p", rule)])
        _ = try store.append(OTLPFixture.full().protobuf(), now: now)
        maintain(store, after: 0)
        maintain(store, after: 10)
        #expect(store.statistics().spans == (isKept ? 1 : 0))
        #expect(store.statistics().memory == 0)
    }

    @Test("looks for expressions in the texts of every part of the memory", arguments: [1, 2, 1000])
    func expressions(rowsPerPart: Int) throws {
        let matcher = TextMatcher(expressions: [try Regex("^/v[0-9]+/health$", anchored: false)])
        let store = try Self.open(
            directory.path, policies: [SamplingPolicy("no probes", TextRule("url.path", matcher))], now: now
        ) { _ in
        } options: {
            $0.rowsPerPart = rowsPerPart
        }
        for trace in 1...20 as ClosedRange<UInt64> {
            let path = trace % 4 == 0 ? "/v\(trace)/health" : "/orders"
            let spans = [
                OTLPFixture.span(trace, 1),
                OTLPFixture.span(trace, 2, attributes: [("url.path", .string(ByteString(path)))]),
            ]
            _ = try store.append(OTLPFixture.request(service: "a", spans).protobuf(), now: now)
        }
        maintain(store, after: 0)
        maintain(store, after: 10)
        #expect(store.statistics().spans == 10)
        for trace in 1...20 as ClosedRange<UInt64> { #expect(try spans(store, trace) == (trace % 4 == 0 ? 2 : 0)) }
    }

    @Test("measures rates by when traces came, however many are decided upon at once")
    func rates() throws {
        let store = try open(policies: [SamplingPolicy("rate", SpanRateRule(spansPerSecond: 1, burst: 1))])
        for half in 0..<20 as Range<UInt64> {
            _ = try store.append(Self.request(half + 1, 1, isError: false), now: now + half * Self.second / 2)
        }
        maintain(store, after: 30)
        #expect(store.statistics().spans == 10)
        for half in 0..<20 as Range<UInt64> { #expect(try spans(store, half + 1) == (half % 2 == 0 ? 1 : 0)) }
    }

    // MARK: Late spans

    @Test("late spans follow what was decided about their trace")
    func late() throws {
        let store = try open()
        try send(store, 1, isError: true)
        try send(store, 2)
        maintain(store, after: 0)
        maintain(store, after: 10)
        try send(store, 1, span: 2, after: 20)
        try send(store, 2, span: 2, isError: true, after: 20)
        maintain(store, after: 20)
        maintain(store, after: 30)
        #expect(try spans(store, 1) == 2)
        #expect(try spans(store, 2) == 0)
        #expect(store.takeSamplingCounts()?.discardedSpans == 2)
    }

    @Test("late spans of a trace that was not sampled are decided upon anew when too many others came in between")
    func forgotten() throws {
        let store = try open { $0.notSampledCacheSize = 10 }
        try send(store, 1)
        for trace in 2...50 as ClosedRange<UInt64> { try send(store, trace) }
        maintain(store, after: 0)
        maintain(store, after: 10)
        try send(store, 1, span: 2, isError: true, after: 20)
        maintain(store, after: 20)
        maintain(store, after: 30)
        #expect(try spans(store, 1) == 1)
    }

    @Test("after a restart late spans follow the trace that a part holds")
    func restart() throws {
        var store: TraceStore? = try open()
        try send(#require(store), 1, isError: true)
        try maintain(#require(store), after: 0)
        try maintain(#require(store), after: 10)
        store = nil
        store = try open(after: 15)
        let second = try #require(store)
        try send(second, 1, span: 2, after: 20)
        maintain(second, after: 20)
        maintain(second, after: 30)
        #expect(try spans(second, 1) == 2)
    }

    // MARK: Restarts

    @Test("a restart before the decision changes neither its time nor what it is")
    func undecided() throws {
        var store: TraceStore? = try open()
        try send(#require(store), 1, isError: true)
        try send(#require(store), 2)
        try send(#require(store), 1, span: 2, after: 3)
        store = nil
        let again = try open(after: 5)
        #expect(again.statistics().spans == 3)
        maintain(again, after: 5)
        maintain(again, after: 12)
        #expect(again.statistics().parts == 0)
        maintain(again, after: 13)
        #expect(try spans(again, 1) == 2)
        #expect(try spans(again, 2) == 0)
    }

    @Test("a generation of which nothing is kept leaves no file, and the store goes on behind it")
    func nothing() throws {
        var store: TraceStore? = try open()
        try send(#require(store), 1)
        try maintain(#require(store), after: 0)
        try maintain(#require(store), after: 10)
        #expect(store?.statistics().parts == 0)
        #expect(store?.statistics().logBytes == 0)
        store = nil
        store = try open(after: 20)
        #expect(store?.statistics().spans == 0)
        try send(#require(store), 2, isError: true, after: 20)
        store = nil
        let last = try open(after: 20)
        maintain(last, after: 20)
        maintain(last, after: 30)
        #expect(try spans(last, 2) == 1)
    }

    @Test("a part that cannot be written is written later as it was decided, and decided upon once")
    func failure() throws {
        let disk = FailingFileSystem()
        let store = try open(policies: [SamplingPolicy("rate", SpanRateRule(spansPerSecond: 1, burst: 1))], on: disk)
        try send(store, 1)
        try send(store, 2)
        maintain(store, after: 0)
        disk.fail(true)
        maintain(store, after: 10)
        maintain(store, after: 12)
        #expect(store.statistics().spans == 2)
        disk.fail(false)
        maintain(store, after: 14)
        #expect(store.statistics().parts == 1)
        #expect(try spans(store, 1) == 1)
        #expect(try spans(store, 2) == 0)
        let counts = try #require(store.takeSamplingCounts())
        #expect(counts.all.sampled == 1)
        #expect(counts.all.notSampled == 1)
        #expect(counts.discardedSpans == 1)
    }

    @Test("gives all memory back when it ends")
    func memory() throws {
        var store: TraceStore? = try open()
        for trace in 1...100 as ClosedRange<UInt64> { try send(#require(store), trace) }
        try maintain(#require(store), after: 0)
        try maintain(#require(store), after: 10)
        #expect(budget.used > 0)
        try send(#require(store), 200, after: 10)
        store = nil
        #expect(budget.used == 0)
    }

    // MARK: Limits

    @Test("decides upon the oldest traces early when they are too many")
    func manyTraces() throws {
        let store = try open { $0.maxTraces = 4 }
        for trace in 1...6 as ClosedRange<UInt64> { try send(store, trace, isError: trace == 2) }
        let counts = try #require(store.takeSamplingCounts())
        #expect(counts.earlyTraces == 2)
        #expect(counts.all.sampled == 1)
        #expect(try spans(store, 1) == 0)
        #expect(try spans(store, 2) == 1)
        #expect(store.statistics().spans == 5)
    }

    @Test("decides upon the oldest traces early rather than refuse spans when memory is used up, also at a restart")
    func muchMemory() throws {
        let small = MemoryBudget(limitBytes: 32 << 20)
        func open() throws -> TraceStore {
            try Self.open(
                directory.path, policies: [SamplingPolicy("all", AlwaysRule())], budget: small, now: now
            ) { _ in
            } options: {
                // As served: a generation ends because of its memory, not with its segment.
                $0.segmentBytes = 128 << 20
            }
        }
        var store: TraceStore? = try open()
        let text = String(repeating: "text ", count: 200)
        for request in 0..<1000 as Range<UInt64> {
            let spans = (1...20).map { span in
                OTLPFixture.span(
                    request + 1, span, attributes: [("text", .string(ByteString(text + "\(request) \(span)")))])
            }
            _ = try store?.append(OTLPFixture.request(service: "a", spans).protobuf(), now: now)
        }
        let held = try #require(store?.statistics())
        #expect(held.spans == 20_000)
        #expect(held.memory < 16 << 20)
        #expect(held.parts > 0)
        #expect((store?.takeSamplingCounts()?.earlyTraces ?? 0) > 0)
        store = nil
        #expect(try open().statistics().spans == 20_000)
    }

    // MARK: Crashes

    @Test("by kill -9 before the decision loses nothing that policies keep")
    func kill() async throws {
        let path = directory.path
        let now = now
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, now = now as UInt64] in
            let store = try Self.open(path, now: now)
            for trace in 1...200 as ClosedRange<UInt64> {
                _ = try store.append(Self.request(trace, 1, isError: trace % 2 == 0), now: now)
                // Some are decided upon, most are not.
                if trace == 50 { store.maintain(now: now) }
                if trace == 60 { store.maintain(now: now + 10 * Self.second) }
            }
            Glibc.kill(getpid(), SIGKILL)
        }
        let store = try open(after: 5)
        maintain(store, after: 10)
        maintain(store, after: 20)
        #expect(store.statistics().memory == 0)
        for trace in 1...200 as ClosedRange<UInt64> { #expect(try spans(store, trace) == (trace % 2 == 0 ? 1 : 0)) }
    }

    @Test("by power loss loses nothing that policies keep, at any sync of a log, a part, or a merge")
    func powerLoss() throws {
        let live = try TemporaryDirectory("traces")
        let recording = try RecordingFileSystem(root: live.path)
        func open(_ path: String, on fileSystem: any FileSystem = DiskFileSystem()) throws -> TraceStore {
            try Self.open(path, now: now, on: fileSystem) { _ in
            } options: {
                $0.sync = .always
                $0.segmentBytes = 32 << 10
                $0.mergeWidth = 3
            }
        }
        var acknowledged: [Int] = []
        let store = try open(live.path, on: recording)
        for trace in 0..<12 as Range<UInt64> {
            try send(store, trace + 1, isError: trace % 2 == 0)
            acknowledged.append(recording.position)
            if trace % 3 == 2 {
                maintain(store, after: 0)
                maintain(store, after: 10)
            }
        }
        for loss in PowerLoss.all(of: recording, seeds: 1) {
            let after = try TemporaryDirectory("traces")
            try loss.rebuild(recording, into: after.path)
            let reopened = try open(after.path)
            maintain(reopened, after: 0)
            maintain(reopened, after: 10)
            let certain = acknowledged.filter { $0 <= loss.position }.count
            for trace in 0..<12 as Range<UInt64> {
                let found = try spans(reopened, trace + 1)
                if trace % 2 == 1 { #expect(found == 0, "\(loss)") }
                if trace % 2 == 0, trace < certain { #expect(found == 1, "\(loss)") }
            }
        }
    }
}
