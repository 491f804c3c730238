import Benchmarking
import Testing

@Suite("Queries about what was sent")
struct QueriesTests {
    /// What there would be if all of a source's pushes had been acknowledged.
    private func sent(_ source: some PushSource) throws -> LoadResult {
        var result = LoadResult()
        for number in 0..<(try #require(source.pushes)) {
            let push = try source.push(number, now: 0)
            result.sent += push.tally
            result.take(push, number: number, rejected: 0)
            let times = result.times ?? push.times
            result.times =
                min(times.lowerBound, push.times.lowerBound)...max(times.upperBound, push.times.upperBound)
        }
        result.isComplete = true
        return result
    }

    private func vector(_ value: String) -> [UInt8] {
        Array("{\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1,\"\(value)\"]}]}}".utf8)
    }

    @Test("Nothing is asked about nothing")
    func nothing() {
        #expect(MetricQueries(MetricLoadTests.load(), LoadResult()) == nil)
        #expect(LogQueries(LogLoadTests.load(), LoadResult()) == nil)
        #expect(TraceQueries(TraceLoadTests.load(), LoadResult()) == nil)
    }

    @Test("Samples are counted first, and the count must be theirs")
    func samples() throws {
        let load = MetricLoadTests.load()
        let queries = try #require(MetricQueries(load, try sent(load))).all
        let count = try #require(queries.first)
        #expect(count.verdict(vector("1800")) == .right)
        #expect(count.verdict(vector("1799")) == .wrong(got: "1799 samples", expected: "1800"))
        // Both the first and the last sample are inside the window, which is open on its left.
        #expect(count.text == #"sum(count_over_time({job="martlet-bench",run="r1"}[30001ms]))"#)
    }

    @Test("Three samples of a series are too few for rates")
    func rates() throws {
        let load = MetricLoadTests.load()
        let queries = try #require(MetricQueries(load, try sent(load))).all
        #expect(!queries.contains { $0.text.contains("rate(") })
    }

    @Test("Nothing is asked about metrics of which there are no series")
    func missingMetrics() throws {
        var options = MetricLoadTests.load().options
        options.series = 5
        options.rounds = 20
        options.times = TimeSpread(start: 1_700_000_000_000_000_000, length: 300_000_000_000, count: 20)
        let load = MetricLoad(options)
        let queries = try #require(MetricQueries(load, try sent(load))).all
        #expect(queries.contains { $0.text.hasPrefix("sum({") })
        #expect(!queries.contains { $0.text.contains("_http_") || $0.text.contains("_cache_") })
    }

    @Test("Lines are counted first, and the count must be theirs")
    func lines() throws {
        let load = LogLoadTests.load()
        let count = try #require(LogQueries(load, try sent(load))?.all.first)
        #expect(count.verdict(vector("1000")) == .right)
        #expect(count.verdict(vector("1001")) != .right)
    }

    @Test("VictoriaLogs answers in lines of JSON")
    func victoriaLogs() throws {
        let load = LogLoadTests.load()
        let count = try #require(LogsQLQueries(load, try sent(load))?.all.first)
        #expect(count.verdict(Array("{\"n\":\"600\"}\n{\"n\":\"400\"}\n".utf8)) == .right)
        #expect(count.verdict(Array("{\"n\":\"600\"}\n".utf8)) != .right)
    }

    @Test("Spans are counted over all steps")
    func spans() throws {
        let load = TraceLoadTests.load()
        let result = try sent(load)
        let count = try #require(TraceQueries(load, result)?.all.first)
        let answer = "{\"series\":[{\"samples\":[{\"value\":\(result.sent.items - 1)},{\"value\":1}]}]}"
        #expect(count.verdict(Array(answer.utf8)) == .right)
        #expect(count.verdict(Array("{\"series\":[]}".utf8)) != .right)
    }

    @Test("An answer that is none is wrong")
    func unreadable() throws {
        let load = LogLoadTests.load()
        for query in try #require(LogQueries(load, try sent(load))).all {
            #expect(query.verdict(Array("<html>".utf8)) != .right)
        }
    }
}
