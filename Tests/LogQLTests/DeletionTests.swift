import LogQL
import MartletCore
import Testing

@Suite("Deleted lines")
struct DeletionTests {
    let base = MemorySource([
        ([("app", "a")], (0..<10).map { .init(seconds: Double($0), text: "n=\($0) \($0 % 2 == 0 ? "even" : "odd")") }),
        ([("app", "b")], (0..<5).map { .init(seconds: Double($0), text: "n=\($0)") }),
    ])

    private func deletion(_ query: String, _ start: Double, _ end: Double) throws -> LogDeletion {
        try LogDeletion(query: query, start: Int64(start * 1e9), end: Int64(end * 1e9))
    }

    private func count(_ query: String, without deletions: [LogDeletion]) throws -> [String] {
        let matrix = try LogEngine(DeletingSource(base, without: deletions)).matrix(
            QueryExpression(parsing: query), start: 60_000_000_000, end: 60_000_000_000, step: 1,
            context: LogQueryContext())
        return (0..<matrix.count).map { "\(matrix.labels[$0])=\(FloatText.string(matrix.columns[$0][0]))" }
    }

    @Test(
        "are not in answers",
        arguments: [
            (#"{app="a"}"#, 2.0, 4.0, 7), (#"{app="a"} |= "odd""#, 0.0, 9.0, 5),
            (#"{app="a"} | logfmt | n > 6"#, 0.0, 60.0, 7),
            (#"{app=~".+"} |~ "n=[0-3]""#, 1.0, 2.0, 8), (#"{app="b"}"#, 0.0, 60.0, 10),
            (#"{app="a"} |= "odd" != "3""#, 0.0, 5.0, 8),
            (#"{app="a"}"#, 20.0, 30.0, 10),
        ])
    func counts(query: String, start: Double, end: Double, left: Int) throws {
        let deletions = [try deletion(query, start, end)]
        #expect(try count(#"count_over_time({app="a"}[2m])"#, without: deletions) == [#"{app="a"}=\#(left)"#])
        // A reader of lengths gets them right although the filter looks at the lines.
        #expect(
            try count(#"sum(bytes_over_time({app="a"}[2m]))"#, without: deletions)
                == count(#"sum(bytes_over_time({app="a"} | label_format x=y [2m]))"#, without: deletions))
    }

    @Test("of several requests are all gone")
    func several() throws {
        let deletions = [try deletion(#"{app="a"} |= "odd""#, 0, 60), try deletion(#"{app="a"}"#, 0, 5)]
        #expect(try count(#"count_over_time({app="a"}[2m])"#, without: deletions) == [#"{app="a"}=2"#])
    }

    @Test("take their stream along when none is left")
    func streams() throws {
        let source = DeletingSource(
            base, without: [try deletion(#"{app="b"}"#, 0, 60), try deletion(#"{app="a"} |= "odd""#, 0, 60)])
        let found = try source.streams(matching: [], start: 0, end: 60_000_000_000, context: LogQueryContext())
        #expect(found.map(\.labels) == [Labels([("app", "a")])])
        #expect(found.map(\.entries) == [5])
    }

    @Test("of several requests are counted once, and all streams of a request are read together")
    func streamsOfMany() throws {
        let many = MemorySource(
            (0..<200).map { number in
                (
                    [("app", "a"), ("n", "\(number)")],
                    [.init(seconds: 1, text: "even"), .init(seconds: 2, text: "odd \(number)")]
                )
            })
        let counting = CountedSource(base: many)
        let source = DeletingSource(
            counting,
            without: [
                try deletion(#"{app="a"} |= "odd 7""#, 0, 60), try deletion(#"{app="a", n=~"7.?"} |= "even""#, 0, 60),
                try deletion(#"{n="3"} |= "odd""#, 0, 60),
            ])
        let context = LogQueryContext()
        let found = try source.streams(matching: [], start: 0, end: 60_000_000_000, context: context)
        #expect(found.count == 200 - 11, "7 and 70 to 79 have nothing left")
        #expect(found.map(\.entries).reduce(0, +) == 189 * 2 - 1)
        #expect(found.first { $0.labels["n"] == "3" }?.entries == 1)
        #expect(counting.reads.withLock { $0 } <= 3)
    }

    @Test("are named by log queries only", arguments: [#"count_over_time({app="a"}[1m])"#, "{", "1"])
    func refused(query: String) {
        #expect(throws: LogQueryError.self) { try LogDeletion(query: query, start: 0, end: 1) }
    }
}

/// A source that counts how often it is asked for entries.
private struct CountedSource: LogSource {
    let base: MemorySource
    let reads = Lock(0)

    func entries(
        _ selection: LogSelection, context: LogQueryContext, _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        reads.withLock { $0 += 1 }
        try base.entries(selection, context: context, visit)
    }

    func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader] {
        try base.parts(of: selection, context: context)
    }

    func streams(
        matching matchers: [[Matcher]], start: Int64, end: Int64, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        try base.streams(matching: matchers, start: start, end: end, context: context)
    }
}
