import Durable
import MartletCore
import MetricStorage
import PromQL
import Testing

@Suite("A snapshot of the files of a metric store")
struct SnapshotTests {
    private static let start = BlockFixture.start
    private static let minute = BlockFixture.minute
    private static let hour = BlockFixture.hour

    @Test("opens with all that was there, in blocks, in the head and out of order, while the store goes on")
    func whole() throws {
        let (directory, copy) = (try TemporaryDirectory(), try TemporaryDirectory("snapshot"))
        var options = MetricStore.Options()
        options.outOfOrderWindowMs = 8 * Self.hour
        let fixture = try StoreFixture(directory.path, options: options)
        for step in 0..<600 {
            try fixture.append("m", Self.start + Int64(step) * Self.minute, Double(step))
            if step % 50 == 0 { try fixture.append("late", Self.start + Int64(step) * Self.minute / 2, 1) }
        }
        try fixture.store.maintain(nowMs: Self.start + 600 * Self.minute)
        #expect(!fixture.store.blocks.isEmpty)
        try fixture.append("m", Self.start + 599 * Self.minute - 1, -1)
        let expected = try fixture.dump()
        try fixture.store.snapshot(to: copy.path)
        // What comes later, and what goes, does not show.
        try fixture.append("m", Self.start + 600 * Self.minute, 600)
        try fixture.append("new", Self.start + 600 * Self.minute, 1)
        try fixture.store.delete(
            matching: [[try Matcher(.equal, "__name__", "m")]], minTime: .min, maxTime: .max)
        try fixture.store.maintain(nowMs: Self.start + 601 * Self.minute)
        let again = try StoreFixture(copy.path, options: options)
        #expect(try again.dump() == expected)
        #expect(try again.append("m", Self.start + 700 * Self.minute, 1).appended == 1)
    }

    @Test("of a store without samples is one")
    func empty() throws {
        let (directory, copy) = (try TemporaryDirectory(), try TemporaryDirectory("snapshot"))
        let fixture = try StoreFixture(directory.path)
        try fixture.store.snapshot(to: copy.path)
        #expect(try StoreFixture(copy.path).dump().isEmpty)
    }
}
