import Durable
import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Testing

@Suite("Newest samples")
struct NewestSampleTests {
    private static let start: Int64 = 1_700_006_400_000
    private static let minute: Int64 = 60_000

    /// The newest point of each series within five minutes before a time.
    private static func newest(_ fixture: StoreFixture, _ time: Int64, only: Bool) throws -> [String: Point] {
        let set = try fixture.store.select(
            MetricSelection(
                matchers: [], minTime: time - 5 * minute + 1, maxTime: time,
                hints: MetricSelection.Hints(newestOnly: only)), context: QueryContext())
        var result: [String: Point] = [:]
        for index in 0..<set.count {
            var samples = SeriesSamples()
            try set.read(index, into: &samples)
            guard let time = samples.floats.timestamps.last, let value = samples.floats.values.last else { continue }
            result[set.labels(at: index).description] = Point(time: time, bits: value.bitPattern)
        }
        return result
    }

    @Test(
        "are the same when they alone are asked for: open chunks and closed ones, deleted samples, ends and late samples",
        arguments: [false, true])
    func alone(inBlocks: Bool) throws {
        let directory = try TemporaryDirectory()
        var options = MetricStore.Options()
        options.outOfOrderWindowMs = 600 * Self.minute
        let fixture = try StoreFixture(directory.path, options: options)
        for step in 0..<300 {
            let time = Self.start + Int64(step) * Self.minute
            try fixture.append("kept", time, Double(step))
            try fixture.append("cut", time, Double(step) * 2)
            if step <= 100 { try fixture.append("ended", time, step == 100 ? StaleNaN.value : 1) }
            if step % 7 == 0 { try fixture.append("rare", time, Double(-step)) }
        }
        try fixture.append("rare", Self.start + 150 * Self.minute, 5)
        try fixture.store.delete(
            matching: [[Matcher(equal: "__name__", "cut")]], minTime: Self.start + 100 * Self.minute,
            maxTime: Self.start + 200 * Self.minute)
        if inBlocks { try fixture.store.maintain(nowMs: Self.start + 300 * Self.minute) }
        for step in stride(from: -1, to: 310, by: 3) {
            let time = Self.start + Int64(step) * Self.minute + 30_000
            let alone = try Self.newest(fixture, time, only: true)
            #expect(try alone == Self.newest(fixture, time, only: false), "\(step)")
            #expect(alone.isEmpty == (step < 0 || step > 303))
        }
    }
}
