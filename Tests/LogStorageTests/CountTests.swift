import Durable
import LogQL
import LogStorage
import MartletCore
import Testing

@Suite("Counts in a log store")
struct CountTests {
    private static func record(_ stream: Int, _ range: Range<Int>) -> LogRecord {
        LogRecord(
            [("app", "a"), ("host", "\(stream)")],
            range.map {
                Entry(time: noon + Int64($0) * 1_000_000, line: "line \($0) of it", metadata: $0 % 5 == 0 ? "t" : "")
            })
    }

    /// By stream, metadata and interval.
    private static func counts(
        _ reader: any LogReader, _ selection: LogSelection, _ edges: TimeEdges
    ) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        try reader.counts(selection, edges: edges, context: LogQueryContext()) { found in
            let set = Labels(canonicalBytes: [UInt8](found.metadata))
            for interval in found.intervals {
                counts["\(found.labels) \(set) \(interval.interval) lines", default: 0] += interval.lines
                counts["\(found.labels) \(set) \(interval.interval) bytes", default: 0] += interval.bytes
            }
        }
        return counts
    }

    /// The same counts with all metadata sets as one.
    private static func withoutSets(_ counts: [String: Int]) -> [String: Int] {
        var joined: [String: Int] = [:]
        for (key, count) in counts {
            // The stream's labels, the set, the interval, and what is counted.
            let parts = key.split(separator: "} ")
            joined["\(parts[0])} \(Labels()) \(parts[parts.count - 1])", default: 0] += count
        }
        return joined
    }

    /// Gives entries only, so that they are counted one by one.
    private struct EntriesOnly: LogReader {
        let reader: any LogReader

        func entries(
            _ selection: LogSelection, context: LogQueryContext,
            _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
        ) throws(LogQueryError) {
            try reader.entries(selection, context: context, visit)
        }
    }

    @Test("are those of its entries, copies once, in heads, blocks and files")
    func counts() throws {
        let directory = try TemporaryDirectory()
        var options = LogStorageOptions()
        options.blockBytes = 4096
        options.generationBytes = 1 << 14
        let store = try LogStore.open(directory.path, options)
        for stream in 0..<3 {
            try store.append(Self.record(stream, 0..<1000), tenant: "fake")
            // Copies, and lines between others.
            try store.append(Self.record(stream, 900..<1100), tenant: "fake")
        }
        store.maintain()
        try store.append(Self.record(1, 2000..<2010), tenant: "fake")
        let source = try #require(store.source(tenant: "fake"))
        let many = TimeEdges((0..<40).map { noon + Int64($0) * 50_000_000 })
        for edges in [TimeEdges([]), TimeEdges([noon + 500_000_000]), many] {
            for filters in [[], [LineFilter(.contains, [.text(Array("7 of".utf8))])]] {
                for (start, end) in [(Int64(0), Int64.max), (noon + 33_000_000, noon + 1_005_000_000)] {
                    var selection = LogSelection(
                        matchers: [Matcher(equal: "app", "a")], start: start, end: end, lineFilters: filters,
                        direction: .forward, text: .lengths)
                    let expected = try Self.counts(EntriesOnly(reader: source), selection, edges)
                    #expect(try Self.counts(source, selection, edges) == expected)
                    // Without metadata, whose sets are one then.
                    selection.labels = ["host"]
                    #expect(try Self.counts(source, selection, edges) == Self.withoutSets(expected))
                    selection.text = .none
                    let lines = Self.withoutSets(expected).map { ($0, $0.hasSuffix("bytes") ? 0 : $1) }
                    #expect(try Self.counts(source, selection, edges) == Dictionary(uniqueKeysWithValues: lines))
                }
            }
        }
        try store.close()
    }

    @Test("leave metadata out where no label that is looked at can come from it")
    func labels() throws {
        let directory = try TemporaryDirectory()
        let store = try LogStore.open(directory.path)
        try store.append(Self.record(1, 0..<10), tenant: "fake")
        let source = try #require(store.source(tenant: "fake"))
        var selection = LogSelection(matchers: [], start: 0, end: .max, direction: .forward, text: .none)
        for (labels, sets) in [(nil, 2), ([], 1), (["host"], 1), (["trace"], 2), (["host_extracted"], 2)]
            as [(Set<String>?, Int)]
        {
            selection.labels = labels
            var found: Set<[UInt8]> = []
            try source.counts(selection, edges: TimeEdges([]), context: LogQueryContext()) {
                found.insert([UInt8]($0.metadata))
            }
            #expect(found.count == sets, "looking at \(labels ?? [])")
        }
        try store.close()
    }

    @Test("and entries are shared out between parts without loss when they are many")
    func parts() throws {
        let directory = try TemporaryDirectory()
        let store = try LogStore.open(directory.path)
        let text = String(repeating: "all work and no play ", count: 200)
        for stream in 0..<4 {
            let entries = (0..<1000).map { Entry(time: noon + Int64($0), line: "\($0) \(text)") }
            try store.append(LogRecord([("app", "a"), ("host", "\(stream)")], entries), tenant: "fake")
        }
        let source = try #require(store.source(tenant: "fake"))
        let selection = LogSelection(matchers: [], start: 0, end: .max, direction: .backward)
        let parts = try source.parts(of: selection, context: LogQueryContext())
        #expect(parts.count == min(4, Processors.count))
        var lines: [UInt64: Int] = [:]
        for part in parts {
            try part.entries(selection, context: LogQueryContext()) { batch in
                lines[batch.streamID, default: 0] += batch.rows.count
                return .more
            }
        }
        #expect(Array(lines.values) == [1000, 1000, 1000, 1000])
        try store.close()
    }
}
