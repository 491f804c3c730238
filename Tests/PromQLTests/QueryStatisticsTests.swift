import MartletCore
import PromQL
import PromQLTesting
import SampleMath
import Testing

/// The counts are those of Prometheus for the same samples.
@Suite("Statistics of a query")
struct QueryStatisticsTests {
    /// Two series with a sample every ten seconds, from 0 s to 2000 s.
    private static let source: MemorySource = {
        var source = MemorySource()
        for name in ["a", "b"] {
            for step in 0...200 {
                source.add(
                    Labels([("__name__", "metric"), ("name", name)]), Int64(step) * 10_000, Double(step))
            }
        }
        return source
    }()

    private static func instant(_ query: String, at time: Int64 = 201_000) throws -> QueryStatistics.Counts {
        let context = QueryContext(statistics: QueryStatistics())
        _ = try Engine().instant(query, at: time, source: source, context: context)
        return try #require(context.statistics).current
    }

    private static func range(_ query: String) throws -> QueryStatistics.Counts {
        let context = QueryContext(statistics: QueryStatistics())
        _ = try Engine().range(query, start: 201_000, end: 220_000, step: 5_000, source: source, context: context)
        return try #require(context.statistics).current
    }

    @Test(
        "an instant query counts the samples that its selectors looked at",
        arguments: [
            ("vector(1)", 0), ("metric{name=\"a\"}", 1), ("metric", 2), ("metric{name=\"a\"} + metric{name=\"a\"}", 2),
            ("metric{name=\"a\"}[60s]", 6), ("rate(metric{name=\"a\"}[60s])", 6), ("rate(metric[60s])", 12),
            ("sum(rate(metric[60s]))", 12), ("metric{name=\"a\"}[20s:5s]", 4),
            ("max_over_time(metric{name=\"a\"}[60s:5s])", 12), ("max_over_time(rate(metric[60s])[20s:5s])", 8),
            ("metric{name=\"a\"} offset 3h", 0), ("metric{name=\"a\"} @ 1000", 1),
        ])
    func instant(query: String, total: Int) throws {
        let counts = try Self.instant(query)
        #expect(counts.total == total)
        #expect(counts.perStep == [total])
    }

    @Test(
        "a range query counts them at each step",
        arguments: [
            ("metric{name=\"a\"}", [1, 1, 1, 1]), ("rate(metric[60s])", [12, 12, 12, 12]),
            ("max_over_time(metric{name=\"a\"}[20s:5s])", [4, 4, 4, 4]), ("metric @ 100", [2, 2, 2, 2]),
        ])
    func range(query: String, perStep: [Int]) throws {
        #expect(try Self.range(query).perStep == perStep)
    }

    @Test("a sample in several windows is read once")
    func read() throws {
        // 150 s to 210 s, and one more ten seconds later.
        #expect(try Self.range("rate(metric{name=\"a\"}[60s])").read == 7)
        #expect(try Self.range("rate(metric{name=\"a\"}[60s] @ 201)").read == 6)
    }

    @Test("what many series are counted as does not depend on how many cores read them")
    func manySeries() throws {
        var source = MemorySource()
        for index in 0..<500 {
            for step in 0..<30 {
                source.add(Labels([("__name__", "m"), ("i", "\(index)")]), Int64(step) * 10_000, 1)
            }
        }
        let context = QueryContext(statistics: QueryStatistics())
        _ = try Engine().instant("sum(rate(m[1m]))", at: 290_000, source: source, context: context)
        #expect(try #require(context.statistics).current.total == 3000)
    }
}
