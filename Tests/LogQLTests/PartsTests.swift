import LogQL
import MartletCore
import Testing

@Suite("A query over parts")
struct PartsTests {
    private static func source(parts: Int) -> MemorySource {
        var streams: [([(String, String)], [MemorySource.Line])] = []
        for stream in 0..<7 {
            var lines: [MemorySource.Line] = []
            for line in 0..<40 {
                let second = (line * 7 + stream * 3) % 60
                let level = line % 3 == 0 ? "error" : "info"
                lines.append(.init(seconds: Double(second) + Double(stream) / 10, text: "n=\(line) level=\(level)"))
            }
            streams.append(([("app", "a\(stream % 2)"), ("host", "\(stream)")], lines))
        }
        var source = MemorySource(streams)
        source.partCount = parts
        return source
    }

    @Test(
        "gives what one over the whole gives",
        arguments: [
            "sum by (app) (count_over_time({app=~\".+\"}[30s]))", "bytes_over_time({app=~\".+\"}[30s])",
            "sum by (level) (rate({app=~\".+\"} | logfmt [30s]))",
            "quantile_over_time(0.9, {app=~\".+\"} | logfmt | unwrap n [30s]) by (app)",
            "first_over_time({app=~\".+\"} | logfmt | unwrap n [30s]) by (level)",
            "last_over_time({app=~\".+\"} | logfmt | unwrap n [30s]) by (level)",
            "absent_over_time({app=\"a0\"} |= \"nothing\" [30s])", "absent_over_time({app=\"a0\"}[30s])",
        ])
    func series(query: String) throws {
        let whole = try Self.source(parts: 1).instant(query)
        #expect(try Self.source(parts: 3).instant(query) == whole)
    }

    @Test("gives the newest lines, or the oldest, of all parts", arguments: [1, 5, 100])
    func lines(limit: Int) throws {
        for stages in ["", "|= \"error\"", "| logfmt | level=\"info\""] {
            let query = "{app=~\".+\"} \(stages)"
            for direction in [LogSelection.Direction.backward, .forward] {
                let whole = try Self.source(parts: 1).logs(query, limit: limit, direction: direction)
                #expect(try Self.source(parts: 3).logs(query, limit: limit, direction: direction) == whole)
            }
        }
    }

    @Test("fails as a whole when a part fails")
    func failure() {
        #expect(throws: (any Error).self) {
            try Self.source(parts: 3).instant("sum_over_time({app=~\".+\"} | logfmt | unwrap level [30s])")
        }
    }
}
