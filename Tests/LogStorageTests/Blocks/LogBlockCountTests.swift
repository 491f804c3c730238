import LogQL
import LogStorage
import MartletCore
import Testing

@Suite("Counts in a log block")
struct LogBlockCountTests {
    private struct Key: Hashable {
        var set: [UInt8]
        var interval: Int
    }

    /// What a look at every entry counts.
    private static func counts(
        _ block: LogBlock, _ selection: BlockSelection, _ edges: TimeEdges, bySet: Bool
    ) throws -> [Key: LogCounts.Interval] {
        var all = selection
        all.text = .lines
        let found = try block.select(all).columns
        var counts: [Key: LogCounts.Interval] = [:]
        var start = 0
        for row in 0..<found.count {
            let end = Int(found.lineEnds[row])
            let id = Int(found.metadataIDs[row])
            let set = Int(id == 0 ? 0 : found.setEnds[id - 1])..<Int(found.setEnds[id])
            let key = Key(
                set: bySet ? Array(found.setBytes[set]) : [], interval: edges.interval(of: found.timestamps[row]))
            counts[key, default: .init(interval: key.interval, lines: 0, bytes: 0)].lines += 1
            if selection.text == .lengths { counts[key]?.bytes += end - start }
            start = end
        }
        return counts
    }

    @Test("are those of its entries, for any filter, range and edges", arguments: SampleLines.Style.allCases)
    func counts(style: SampleLines.Style) throws {
        var sample = SampleLines(seed: 9)
        let lines = sample.lines(300, style)
        var columns = LogColumns()
        for (row, line) in lines.enumerated() {
            let set = row % 4 == 0 ? Labels() : Labels([("level", "l\(row % 3)")])
            line.withUnsafeBytes { line in
                set.bytes.withUnsafeBytes { columns.append(Int64(row), line, $0) }
            }
        }
        let block = try LogBlock(columns)
        let filters: [[LineFilter]] = [
            [], [LineFilter(.contains, [.text(sample.needle(of: lines))])],
            [LineFilter(.notContains, [.text(sample.needle(of: lines))])],
            [LineFilter(.matches, [.regex(try Regex("[0-9]e", anchored: false))])],
        ]
        for filter in filters {
            for (start, end) in [(Int64.min, nil), (17, 288), (64, 128), (299, nil)] as [(Int64, Int64?)] {
                for edges in [TimeEdges([]), TimeEdges([10, 64, 65, 127, 128, 250]), TimeEdges(0..<300)] {
                    for (text, bySet) in [(LogSelection.Text.none, false), (.lengths, false), (.lengths, true)] {
                        let selection = BlockSelection(start: start, end: end, filters: filter, text: text)
                        var found: [Key: LogCounts.Interval] = [:]
                        for group in try block.count(selection, edges: edges, metadata: bySet).groups {
                            for interval in group.intervals {
                                found[Key(set: group.metadata, interval: interval.interval)] = interval
                            }
                        }
                        let expected = try Self.counts(block, selection, edges, bySet: bySet)
                        #expect(found == expected)
                    }
                }
            }
        }
    }

    @Test("by time alone are those of a look at each time, however far apart times are", arguments: 0...8)
    func distances(bytes: Int) throws {
        var sample = SampleLines(seed: UInt64(bytes))
        for (count, unit) in [(1, 1), (2, 1), (9, 1000), (100, 1), (101, 1_000_000), (700, 10)] {
            // Distances of so many bytes, as many as the range of times has room for; some are none.
            var times = [Int64(sample.below(1000)) * Int64(unit) - 5_000_000_000]
            let longest = bytes == 8 ? Int64.max : Int64(1) << Int64(8 * bytes)
            while times.count < count, let last = times.last {
                let most = min(longest, (Int64.max / 2 - last) / Int64(count - times.count) / Int64(unit))
                times.append(last + (sample.below(5) == 0 ? 0 : Int64(sample.below(Int(most)))) * Int64(unit))
            }
            var columns = LogColumns()
            for (row, time) in times.enumerated() {
                Bytes.of("\(row)") { columns.append(time, $0, UnsafeRawBufferPointer(start: nil, count: 0)) }
            }
            let block = try LogBlock(columns)
            for _ in 0..<40 {
                let edges = TimeEdges(
                    (0..<sample.below(12)).map { _ in times[sample.below(count)] + Int64(sample.below(3)) - 1 })
                let ends = [times[sample.below(count)], times[sample.below(count)] + 1].sorted()
                for (start, end) in [(.min, nil), (ends[0], ends[1]), (ends[0] + 1, nil), (.min, ends[0])]
                    as [(Int64, Int64?)]
                {
                    var expected: [Int: Int] = [:]
                    for time in times where time >= start && end.map({ time < $0 }) ?? true {
                        expected[edges.interval(of: time), default: 0] += 1
                    }
                    let found = try block.count(
                        BlockSelection(start: start, end: end, text: .none), edges: edges, metadata: false)
                    let intervals = found.groups.flatMap(\.intervals)
                    #expect(Dictionary(intervals.map { ($0.interval, $0.lines) }) { $0 + $1 } == expected)
                    #expect(intervals.count == expected.count)
                    #expect(found.read == expected.values.reduce(0, +))
                }
            }
        }
    }

    @Test("and entries keep to a hint unless metadata could stand in for the field")
    func hints() throws {
        var plain = LogColumns()
        var labelled = LogColumns()
        let level = Labels([("level", "error")])
        for (row, line) in ["level=error", "level=info", "nothing"].enumerated() {
            Bytes.of(line) { line in
                plain.append(Int64(row), line, UnsafeRawBufferPointer(start: nil, count: 0))
                (row == 2 ? level : Labels()).bytes.withUnsafeBytes { labelled.append(Int64(row), line, $0) }
            }
        }
        var selection = BlockSelection(start: .min, end: nil)
        selection.hints = [FieldHint(name: "level", literals: [Array("error".utf8)])]
        #expect(try LogBlock(plain).select(selection).columns.timestamps == [0])
        #expect(try LogBlock(labelled).select(selection).columns.timestamps == [0, 1, 2])
        #expect(
            try LogBlock(plain).count(selection, edges: TimeEdges([]), metadata: false).groups[0].intervals[0].lines
                == 1)
    }
}
