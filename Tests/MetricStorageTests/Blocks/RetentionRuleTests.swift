import Durable
import MartletCore
import MetricStorage
import Testing

@Suite("Retention by selector")
struct RetentionRuleTests {
    typealias Fixture = BlockFixture

    private static func rule(
        _ kind: Matcher.Kind, _ name: String, _ value: String, hours: Int64
    ) throws -> RetentionRule {
        RetentionRule(matchers: [try Matcher(kind, name, value)], keepMs: hours * Fixture.hour)
    }

    private static func hours(_ fixture: StoreFixture) throws -> [String: Int64] {
        try fixture.dump().compactMapValues { points in
            points.first.map { ($0.time - Fixture.start) / Fixture.hour }
        }
    }

    @Test("series leave the blocks that are older than their rule keeps them; the first rule that fits counts")
    func rules() throws {
        let directory = try TemporaryDirectory()
        let labels = Fixture.labels(6)
        let end = Fixture.start + 41 * Fixture.hour
        let fixture = try StoreFixture(directory.path)
        try Fixture.fill(fixture, labels, from: Fixture.start, to: end)
        fixture.store.setRetentionRules([
            try Self.rule(.equal, "id", "4", hours: 30), try Self.rule(.equal, "zone", "even", hours: 6),
            try Self.rule(.equal, "zone", "odd", hours: 100),
        ])
        let newest = try #require(fixture.store.blocks.map(\.maxTime).max())
        try fixture.store.maintain(nowMs: end)
        let first = try Self.hours(fixture)
        for index in [1, 3, 5] { #expect(first[labels[index].description] == 0) }
        // Blocks end where levels end: what is kept is at least what the rule says, and at most a block more.
        let even = try #require(first[labels[0].description])
        #expect(Fixture.start + even * Fixture.hour <= newest - 6 * Fixture.hour)
        #expect(even > 0)
        #expect(first[labels[2].description] == even)
        let four = try #require(first[labels[4].description])
        #expect(four < even)
        // The index has forgotten the two that are gone.
        #expect(fixture.store.blocks[0].stats.series == 4)
        // A second round finds nothing to do.
        let blocks = fixture.store.blocks
        try fixture.store.maintain(nowMs: end)
        #expect(fixture.store.blocks == blocks)
        try fixture.store.close()
        var verification = DirectoryVerification(directory.path)
        try verification.run { Issue.record("\($0)") }
    }

    @Test("a block all of whose series are expired goes")
    func whole() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        let end = Fixture.start + 41 * Fixture.hour
        try Fixture.fill(fixture, Fixture.labels(2), from: Fixture.start, to: end)
        #expect(fixture.store.blocks.first?.minTime == Fixture.start)
        fixture.store.setRetentionRules([try Self.rule(.regex, "__name__", ".+", hours: 10)])
        try fixture.store.maintain(nowMs: end)
        #expect(fixture.store.blocks.allSatisfy { $0.minTime > Fixture.start })
        #expect(try !fixture.dump().isEmpty)
    }

    @Test("taking the rules back before they fell due keeps everything; other rules are applied afresh")
    func changed() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        let labels = Fixture.labels(4)
        let end = Fixture.start + 41 * Fixture.hour
        try Fixture.fill(fixture, labels, from: Fixture.start, to: end)
        let all = try fixture.dump()
        // The long rule shadows the short one: nothing goes, and that is remembered.
        let short = try Self.rule(.equal, "zone", "even", hours: 6)
        fixture.store.setRetentionRules([try Self.rule(.equal, "zone", "even", hours: 100), short])
        try fixture.store.maintain(nowMs: end)
        #expect(try fixture.dump() == all)
        fixture.store.setRetentionRules([short])
        try fixture.store.maintain(nowMs: end)
        #expect(try fixture.dump() != all)
    }
}
