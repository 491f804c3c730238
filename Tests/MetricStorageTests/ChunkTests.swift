import Durable
import MartletCore
import MetricStorage
import SampleMath
import Testing

@Suite("Chunks of samples in the head")
struct ChunkTests {
    enum Shape: CaseIterable { case constant, counter, gauge, random, special, irregular }

    static func samples(_ shape: Shape, count: Int, seed: UInt64) -> [Point] {
        var random = SplitMix64(seed: seed)
        var time: Int64 = 1_700_000_000_000
        var counter = 0.0
        return (0..<count).map { index in
            switch shape {
            case .irregular: time += Int64(random.next() >> (random.next() % 40 + 24)) + 1
            default: time += 15_000 + Int64(random.next() % 7) - 3
            }
            counter += Double(random.next() % 100)
            let value: Double =
                switch shape {
                case .constant: 42
                case .counter, .irregular: counter
                case .gauge: Double(random.next() % 10_000) / 100
                case .random: Double(bitPattern: random.next())
                case .special:
                    [0, -0.0, .infinity, -.infinity, StaleNaN.value, .nan, .leastNonzeroMagnitude, 1][index % 8]
                }
            return Point(time, value)
        }
    }

    @Test("samples of every shape come back bit for bit, also when the log is replayed", arguments: Shape.allCases)
    func roundTrip(shape: Shape) throws {
        let directory = try TemporaryDirectory()
        let points = Self.samples(shape, count: 700, seed: 7)
        var options = MetricStore.Options()
        // Irregular samples are years apart.
        options.retentionMs = .max / 4
        do {
            let fixture = try StoreFixture(directory.path, options: options)
            for point in points { try fixture.append("m", point.time, Double(bitPattern: point.bits)) }
            #expect(try fixture.dump() == ["m": points])
            try fixture.store.close()
        }
        #expect(try StoreFixture(directory.path, options: options).dump() == ["m": points])
    }

    @Test("a time range gives exactly the samples within it, both ends included")
    func range() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        let points = Self.samples(.counter, count: 400, seed: 3)
        for point in points { try fixture.append("m", point.time, Double(bitPattern: point.bits)) }
        var random = SplitMix64(seed: 5)
        for _ in 0..<100 {
            let low = points[Int(random.next() % 400)].time + Int64(random.next() % 3) - 1
            let high = points[Int(random.next() % 400)].time + Int64(random.next() % 3) - 1
            let expected = points.filter { $0.time >= low && $0.time <= high }
            #expect(try fixture.dump(from: low, to: high)["m"] ?? [] == expected)
        }
    }

    @Test("times at the ends of the number range do not trap")
    func extremes() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        let times: [Int64] = [.min + 1, -1, 0, 1, .max - 1, .max]
        for time in times { try fixture.append("m", time, 1) }
        let found = try fixture.dump()["m"] ?? []
        #expect(found.allSatisfy { times.contains($0.time) })
        #expect(!found.isEmpty)
    }
}
