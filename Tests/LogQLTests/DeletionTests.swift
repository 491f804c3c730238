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

    @Test("leave in each step of a range what they leave in the step alone", arguments: [1.0, 2.5, 7, 100])
    func steps(seconds: Double) throws {
        let step = Int64(seconds * 1e9)
        let counting = CountedSource(base: base)
        let source = DeletingSource(
            counting,
            without: [
                try deletion(#"{app="a"} |= "odd""#, 1, 3.2), try deletion(#"{app=~".+"}"#, 2.6, 4),
                try deletion(#"{app="b"} |= "n=0""#, 0, 60), try deletion(#"{app="a"}"#, 30, 60),
            ])
        let end: Int64 = 12_000_000_000
        let all = try source.streams(
            LogStreamSelection(matching: [], start: 0, end: end, .shares(step: step)), context: LogQueryContext())
        #expect(counting.reads.withLock { $0 } <= 4, "a step of which all is gone lies between others")
        let steps = LogSteps(0...end - 1, step: step)
        #expect(steps.times(of: steps.count - 1).upperBound == end - 1)
        for place in 0..<steps.count {
            let times = steps.times(of: place)
            let alone = try source.streams(
                matching: [], start: times.lowerBound, end: times.upperBound + 1, context: LogQueryContext())
            var together: [Labels: [Int]] = [:]
            for stream in all {
                let shares = stream.extents.compactMap { $0.share(of: times) }
                guard !shares.isEmpty else { continue }
                together[stream.labels] = shares.reduce(into: [0, 0]) {
                    $0[0] += $1.lines
                    $0[1] += $1.bytes
                }
            }
            let expected = Dictionary(uniqueKeysWithValues: alone.map { ($0.labels, [$0.entries, $0.bytes]) })
            #expect(together == expected, "step \(place)")
        }
    }

    @Test("of streams are not read where it is known that some lie outside of the deletion's time, or all in it")
    func knownStreams() throws {
        let counting = CountedSource(base: base)
        func found(_ deletions: [LogDeletion]) throws -> [String?] {
            try DeletingSource(counting, without: deletions).streams(
                LogStreamSelection(matching: [], start: 0, end: 60_000_000_000, .labels), context: LogQueryContext()
            ).map { $0.labels["app"] }
        }
        #expect(try found([deletion(#"{app="a"} |= "n""#, 1, 60), deletion(#"{app="b"}"#, 0, 3.5)]) == ["a", "b"])
        #expect(try found([deletion(#"{app="a"}"#, 0, 9), deletion(#"{app="b"}"#, 9, 10)]) == ["b"])
        #expect(counting.reads.withLock { $0 } == 0)
        #expect(try found([deletion(#"{app="a"} |= "odd""#, 0, 9), deletion(#"{app="b"} |= "n=""#, 0, 10)]) == ["a"])
        #expect(try found([deletion(#"{app="b"}"#, 0, 1), deletion(#"{app=~".+"} |= "n""#, 0, 10)]) == [])
        #expect(counting.reads.withLock { $0 } > 0)
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
        _ selection: LogStreamSelection, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        try base.streams(selection, context: context)
    }
}
