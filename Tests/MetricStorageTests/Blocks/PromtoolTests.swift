import Durable
import Glibc
import MartletCore
import MetricStorage
import Testing

@Suite("Blocks are Prometheus' own", .enabled(if: Shell.hasPromtool))
struct PromtoolTests {
    typealias Fixture = BlockFixture

    /// The lines of `promtool tsdb dump`, by series, in order of time.
    static func dump(_ path: String) throws -> [String: [Point]] {
        let scratch = try TemporaryDirectory()
        guard let text = try Shell.run("\(Shell.promtool) tsdb dump \(path)", in: scratch) else { return [:] }
        var result: [String: [Point]] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2, let time = Int64(fields[fields.count - 1]),
                let value = Double(fields[fields.count - 2])
            else { continue }
            // {__name__="m", a="b"} → m{a="b"}
            var series = fields.dropLast(2).joined(separator: " ")
            series.removeFirst(#"{__name__=""#.count)
            let name = series.prefix { $0 != "\"" }
            let rest = series.dropFirst(name.count + 1)
            result[rest == "}" ? String(name) : name + "{" + rest.dropFirst(2), default: []].append(Point(time, value))
        }
        return result.mapValues { $0.sorted { $0.time < $1.time } }
    }

    @Test("promtool lists, analyses and dumps the blocks that were cut and compacted, sample for sample")
    func written() throws {
        let directory = try TemporaryDirectory()
        let labels = Fixture.labels(40)
        let end = Fixture.start + 15 * Fixture.hour
        do {
            let fixture = try StoreFixture(directory.path)
            try Fixture.fill(fixture, labels, from: Fixture.start, to: end)
            #expect(fixture.store.blocks.map(\.level) == [2, 1, 1, 1])
            try fixture.store.close()
        }
        let expected = Fixture.expected(labels, from: Fixture.start, to: end)
        #expect(try Self.dump(directory.path) == expected)
        let scratch = try TemporaryDirectory()
        let list = try Shell.run("\(Shell.promtool) tsdb list \(directory.path)", in: scratch)
        #expect(list?.split(separator: "\n").count == 5)
        let analysis = try Shell.run("\(Shell.promtool) tsdb analyze \(directory.path)", in: scratch) ?? ""
        #expect(analysis.contains("Series: 40\n"))
    }

    @Test("blocks that promtool wrote are read sample for sample, overlapping ones merged")
    func read() throws {
        let directory = try TemporaryDirectory()
        let labels = Fixture.labels(30)
        for (number, hours) in [Int64(0)..<5, 3..<8].enumerated() {
            var text = ""
            for (index, series) in labels.enumerated() {
                // OpenMetrics has no blanks between labels.
                let name = series.description.replacing(", ", with: ",")
                for time in stride(
                    from: Fixture.start + hours.lowerBound * Fixture.hour,
                    to: Fixture.start + hours.upperBound * Fixture.hour, by: Int64.Stride(Fixture.minute))
                {
                    text += "\(name) \(Fixture.value(index, time)) \(time / 1000)\n"
                }
            }
            let input = directory.file("input\(number)")
            try DiskFileSystem().open(input, .create).write(Array((text + "# EOF\n").utf8), at: 0)
            let scratch = try TemporaryDirectory()
            let command = "\(Shell.promtool) tsdb create-blocks-from openmetrics \(input) \(directory.file("data"))"
            #expect(try Shell.run(command, in: scratch) != nil)
        }
        let expected = Fixture.expected(labels, from: Fixture.start, to: Fixture.start + 8 * Fixture.hour)
        let fixture = try StoreFixture(directory.file("data"))
        let before = fixture.store.blocks
        #expect(before.count > 4)
        #expect(try fixture.dump() == expected)
        // Overlapping blocks are merged, and the merged ones by level.
        try fixture.store.maintain(nowMs: Fixture.start)
        let after = fixture.store.blocks
        #expect(after.count < before.count)
        for (a, b) in zip(after, after.dropFirst()) { #expect(a.maxTime <= b.minTime) }
        #expect(try fixture.dump() == expected)
        #expect(after.reduce(0) { $0 + $1.stats.samples } == 30 * 480)
        try fixture.store.close()
        #expect(try Self.dump(directory.file("data")) == expected)
    }
}
