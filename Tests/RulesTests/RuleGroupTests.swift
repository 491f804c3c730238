import Checking
import Glibc
import MartletCore
import PromQL
import Rules
import Service
import Testing

@Suite("Groups of rules")
struct RuleGroupTests {
    private static let minute: Int64 = 60_000

    @Test("a recording rule writes its series under its name and labels, and ends those that are gone")
    func recording() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group("  - {record: r, expr: 'm * 2', labels: {a: b, drop: ''}}")
        try fixture.add("m{i=\"1\", drop=\"x\"}", 0, 1)
        try fixture.add("m{i=\"2\"}", 0, 2)
        await group.evaluate(atMs: 0)
        #expect(try fixture.value("r{a=\"b\",i=\"1\"}", 0) == "2")
        #expect(try fixture.value("r{a=\"b\",i=\"2\"}", 0) == "4")
        let later = 6 * Self.minute
        try fixture.add("m{i=\"2\"}", later, 3)
        await group.evaluate(atMs: later)
        #expect(try fixture.value("r{a=\"b\",i=\"1\"}", later) == "stale")
        #expect(try fixture.value("r{a=\"b\",i=\"2\"}", later) == "6")
        #expect(group.rules[0].status.health == .ok)
        #expect(group.counts.samples == 1)
        #expect(group.counts.evaluations == 2)
    }

    @Test("a scalar is a series without labels of its own")
    func scalar() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group("  - {record: r, expr: '1 + 1'}")
        await group.evaluate(atMs: 1000)
        #expect(try fixture.value("r", 1000) == "2")
    }

    @Test("a rule sees what an earlier rule of its group has just written")
    func order() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group(
            """
              - {record: a, expr: '1'}
              - {record: b, expr: 'a + 1'}
              - {record: c, expr: 'b + a'}
            """)
        await group.evaluate(atMs: 0)
        #expect(try fixture.value("c", 0) == "3")
    }

    @Test("a rule sees what a later rule of its group wrote the time before")
    func reverseOrder() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group(
            """
              - {record: b, expr: '{__name__=~"a|never"} + 1'}
              - {record: a, expr: 'time() / 60'}
              - {record: b, expr: 'b{second=""} * 10', labels: {second: "yes"}}
            """)
        await group.evaluate(atMs: Self.minute)
        await group.evaluate(atMs: 2 * Self.minute)
        #expect(try fixture.value("b", 2 * Self.minute) == "2")
        #expect(try fixture.value("b{second=\"yes\"}", 2 * Self.minute) == "20")
        #expect(try fixture.value("a", 2 * Self.minute) == "2")
    }

    @Test("rules that do not need each other run at the same time", .timeLimit(.minutes(1)))
    func parallel() async throws {
        var fixture = RuleFixture()
        let threads = BlockingPool(threads: 2)
        fixture.context = RuleContext(
            engine: Engine(), source: MeetingSource(fixture.memory), sink: fixture.memory, threads: threads,
            logger: fixture.context.logger)
        let group = try fixture.group("  - {record: a, expr: m}\n  - {record: b, expr: m}")
        // Each waits for the other; one after the other they would wait for ever.
        await group.evaluate(atMs: 0)
        #expect(group.counts.samples == 0)
        await threads.shutdown()
    }

    @Test("failures are told, counted and leave the series alone")
    func failure() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group("  - {record: r, expr: 'm'}")
        try fixture.add("m{i=\"1\"}", 0, 1)
        try fixture.add("m{i=\"2\"}", 0, 1)
        await group.evaluate(atMs: 0)
        let limited = try fixture.group("  - {record: r, expr: 'sum(m) by (i) * on() group_left m'}", replacing: group)
        await limited.evaluate(atMs: Self.minute)
        #expect(limited.rules[0].status.health == .err)
        #expect(limited.rules[0].status.lastError?.contains("many-to-many") == true)
        #expect(limited.counts.failures == 1)
        #expect(try fixture.value("r{i=\"1\"}", Self.minute) == nil)
    }

    @Test("each failure of a rule that goes on failing is counted")
    func failures() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group("  - {record: r, expr: 'm', labels: {i: x}}")
        try fixture.add("m{i=\"1\"}", 0, 1)
        try fixture.add("m{i=\"2\"}", 0, 1)
        for time in 0..<20 { await group.evaluate(atMs: Int64(time)) }
        #expect(group.counts.failures == 20)
    }

    @Test("two series that become one are refused")
    func duplicates() async throws {
        let fixture = RuleFixture()
        let group = try fixture.group("  - {record: r, expr: 'm', labels: {i: x}}")
        try fixture.add("m{i=\"1\"}", 0, 1)
        try fixture.add("m{i=\"2\"}", 0, 1)
        await group.evaluate(atMs: 0)
        #expect(
            group.rules[0].status.lastError
                == "vector contains metrics with the same labelset after applying rule labels")
    }

    @Test("a changed group goes on, and what its rules do not write any more is ended")
    func reload() async throws {
        let fixture = RuleFixture()
        try fixture.add("m", 0, 1)
        let old = try fixture.group(
            """
              - {record: a, expr: 'm'}
              - {record: b, expr: 'm'}
            """)
        await old.evaluate(atMs: 0)
        let new = try fixture.group("  - {record: b, expr: 'm + 1'}", replacing: old)
        await new.evaluate(atMs: Self.minute)
        #expect(try fixture.value("a", Self.minute) == "stale")
        #expect(try fixture.value("b", Self.minute) == "2")
    }

    @Test("queries look back by the offset, and samples have that time")
    func offset() async throws {
        var fixture = RuleFixture()
        fixture.context.settings.queryOffsetMs = 30_000
        let group = try fixture.group("  - {record: r, expr: 'timestamp(m)'}")
        try fixture.add("m", 0, 1)
        try fixture.add("m", 50_000, 1)
        await group.evaluate(atMs: Self.minute)
        #expect(try fixture.value("r", 30_000) == "0")
    }

    @Test("the schedule keeps its phase, which its name gives, and tells what was missed")
    func schedule() {
        let schedule = RuleSchedule(file: "f", group: "g", intervalMs: 60_000)
        let first = schedule.first(after: 1_700_000_000_000)
        #expect(first > 1_700_000_000_000 && first <= 1_700_000_060_000)
        #expect((first - schedule.phaseMs) % 60_000 == 0)
        #expect(RuleSchedule(file: "f", group: "h", intervalMs: 60_000).phaseMs != schedule.phaseMs)
        #expect(schedule.next(after: first, nowMs: first + 10).slot == first + 60_000)
        #expect(schedule.next(after: first, nowMs: first + 10).missed == 0)
        let late = schedule.next(after: first, nowMs: first + 150_000)
        #expect(late.slot == first + 120_000)
        #expect(late.missed == 1)
    }
}

/// A source whose first two selections return together.
private final class MeetingSource: MetricSource {
    private let memory: RuleMemory
    private let arrived = Lock(0)

    init(_ memory: RuleMemory) {
        self.memory = memory
    }

    func select(_ selection: MetricSelection, context: QueryContext) throws(QueryError) -> any MetricSeriesSet {
        arrived.withLock { $0 += 1 }
        while arrived.withLock({ $0 < 2 }) { sched_yield() }
        return try memory.select(selection, context: context)
    }

    func series(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [Labels] { [] }

    func labelNames(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [String] { [] }

    func labelValues(
        of name: String, matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int,
        context: QueryContext
    ) throws(QueryError) -> [String] { [] }
}
