import LogQL
import MartletCore
import Testing

@Suite("What is in lines")
struct AnalysisTests {
    private func detected(
        _ lines: [(String, [(String, String)])], stream: [(String, String)] = [("app", "a")]
    ) throws -> [String] {
        var fields = try DetectedFields(limit: 100)
        try fields.add(
            LogStreams.Stream(
                labels: Labels(stream),
                entries: lines.map {
                    LogStreams.Entry(timestamp: 1, line: Array($0.0.utf8), metadata: Labels($0.1), parsed: Labels())
                }), LogQueryContext())
        return fields.fields.map {
            "\($0.name) \($0.type.rawValue) \($0.values.count) \($0.parsers.joined(separator: "+")) \($0.jsonPath.joined(separator: "."))"
        }
    }

    @Test("fields come from metadata, JSON and logfmt")
    func fields() throws {
        #expect(
            try detected([
                (#"{"ms":12,"user":{"id":"u1"},"app":"b","ok":true}"#, [("trace_id", "t1")]),
                (#"{"ms":13,"user":{"id":"u1"}}"#, [("trace_id", "t2")]), ("took=1.5s size=2KB ratio=0.5 ms=7", []),
            ]) == [
                "app_extracted string 1 json app", "ms int 3 json+logfmt ms", "ok boolean 1 json ok",
                "ratio float 1 logfmt ",
                "size bytes 1 logfmt ", "took duration 1 logfmt ", "trace_id string 2  ",
                "user_id string 1 json user.id",
            ])
    }

    @Test("a limit holds on the number of fields")
    func limit() throws {
        var fields = try DetectedFields(limit: 2)
        let entry = LogStreams.Entry(
            timestamp: 1, line: Array("a=1 b=2 c=3".utf8), metadata: Labels(), parsed: Labels())
        try fields.add(LogStreams.Stream(labels: Labels(), entries: [entry]), LogQueryContext())
        #expect(fields.fields.count == 2)
    }

    @Test(
        "fields take their names and values from the query's memory",
        arguments: [#"{"key%":1}"#, "key%=1", #"{"same":%}"#])
    func memory(pattern: String) throws {
        let pieces = pattern.split(separator: "%")
        let entries = (0..<2000).map { number in
            LogStreams.Entry(
                timestamp: 1, line: Array(pieces.joined(separator: "\(number)").utf8), metadata: Labels(),
                parsed: Labels())
        }
        func add(_ memoryLimit: Int) throws {
            var fields = try DetectedFields(limit: .max)
            try fields.add(
                LogStreams.Stream(labels: Labels(), entries: entries), LogQueryContext(memoryLimit: memoryLimit))
        }
        try add(4 << 20)
        #expect { try add(50_000) } throws: { ($0 as? LogQueryError)?.kind == .limit }
    }

    @Test(
        "patterns keep what lines share",
        arguments: [
            (["user 17 logged in", "user 18 logged in", "user 19 logged in"], ["user <_> logged in"]),
            (["level=info dur=3ms msg=done", "level=info dur=5ms msg=done"], ["level=info dur=<_> msg=done"]),
            (["connection from alpha closed", "connection from beta closed"], ["connection from <_> closed"]),
            (["start", "stop now", "start"], ["start", "stop now"]),
            ([#"{"ms":12,"id":"u-17"}"#, #"{"ms":13,"id":"u-18"}"#], [#"{"ms":<_>,"id":"<_>"}"#]),
            (["GET 10.0.0.1:80 a1"], ["GET <_>:<_> <_>"]), ([""], []), (["  a  b ", "a b"], ["a b"]),
            ([String(repeating: "w ", count: 59) + " two words"], [String(repeating: "w ", count: 59) + " two words"]),
        ])
    func patterns(lines: [String], expected: [String]) {
        var miner = PatternMiner(step: 10)
        for (index, line) in lines.enumerated() { miner.add(Array(line.utf8), at: Int64(index)) }
        #expect(miner.patterns.map(\.text) == expected)
    }

    @Test("patterns are counted by steps")
    func counts() {
        var miner = PatternMiner(step: 10)
        for time in [1, 9, 10, 25, -1] as [Int64] { miner.add(Array("a line".utf8), at: time) }
        #expect(miner.patterns.first?.counts == [0: 2, 10: 1, 20: 1, -10: 1])
    }
}
