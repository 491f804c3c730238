import MartletCore
import PromQL
import PromQLTesting
import SampleMath
import Testing

@Suite("Functions over labels")
struct LabelFunctionTests {
    private func instant(
        _ query: String, _ source: any MetricSource = MemorySource(), context: QueryContext = QueryContext()
    ) throws -> [Labels] {
        var options = Engine.Options()
        options.experimentalFunctions = true
        let result = try Engine(options: options).instant(query, at: 0, source: source, context: context)
        guard case .vector(let samples) = result.value else { return [] }
        return samples.map(\.labels)
    }

    private func source(series: Int) -> MemorySource {
        var source = MemorySource()
        for index in 0..<series { source.add(Labels([("__name__", "m"), ("i", "v\(index)")]), 0, 1) }
        return source
    }

    private let seed = #"label_replace(vector(1), "i", "aaaaaaaa", "", "")"#

    /// `levels` calls within one another, each of which doubles the label `i`, which has 8 bytes at first.
    private func joined(_ levels: Int) -> String {
        String(repeating: "label_join(", count: levels) + seed
            + String(repeating: #", "i", "", "i", "i")"#, count: levels)
    }

    private func replaced(_ levels: Int) -> String {
        String(repeating: "label_replace(", count: levels) + seed
            + String(repeating: #", "i", "$1$1", "i", "(.*)")"#, count: levels)
    }

    @Test("a label value may double up to a mebibyte, and no further")
    func growth() throws {
        for query in [joined, replaced] {
            #expect(try instant(query(17)).map { $0["i"]?.utf8.count } == [1 << 20])
            for levels in [18, 34] {
                let failure = #expect(throws: QueryError.self) { try instant(query(levels)) }
                #expect(failure?.kind == .execution)
                #expect(
                    failure?.message.hasSuffix(
                        "() would make a value of 2097152 bytes for the label \"i\": the most is 1048576") == true,
                    "\(failure as Any)")
            }
        }
    }

    @Test("references to a group count before they are copied")
    func references() throws {
        let template = String(repeating: "$1", count: 300_000)
        let failure = #expect(throws: QueryError.self) {
            try instant(#"label_replace(m, "x", "\#(template)", "i", "(.*)")"#, source(series: 200))
        }
        #expect(failure?.message.contains("the most is 1048576") == true)
    }

    @Test("labels that a query makes are taken from the memory that all share, and given back")
    func memory() throws {
        let budget = MemoryBudget(limitBytes: 16 << 20)
        let tail = String(repeating: "x", count: 100_000)
        for query in [
            #"label_replace(m, "x", "\#(tail)", "", "")"#, #"label_join(m, "x", "\#(tail)", "i", "i")"#,
        ] {
            do {
                let context = QueryContext(memory: budget)
                let failure = #expect(throws: QueryError.self) {
                    try instant(query, source(series: 1000), context: context)
                }
                #expect(failure?.kind == .execution)
                #expect(failure?.message.contains("raise --memory.limit") == true)
            }
            #expect(budget.used == 0)
        }
    }

    @Test("a query that is over does not go on to work on labels")
    func cancelled() throws {
        for query in [
            #"sort_by_label(m, "i")"#, #"sort_by_label_desc(m, "no")"#, #"label_join(m, "x", "", "i", "i")"#,
            #"label_replace(m, "x", "$1", "i", "(.*)")"#,
        ] {
            let failure = #expect(throws: QueryError.self) {
                try instant(query, CancellingSource(base: source(series: 3)))
            }
            #expect(failure?.kind == .canceled, "\(query)")
        }
    }

    @Test("names that no series has, and names given twice, do not change an order")
    func order() throws {
        var source = MemorySource()
        for (a, b) in [("2", "x"), ("10", "y"), ("1", "z"), ("", "w")] {
            source.add(Labels([("__name__", "m"), ("a", a), ("b", b)]), 0, 1)
        }
        #expect(
            try instant(#"sort_by_label(m, "no", "a", "a", "b")"#, source).map { $0["b"] } == ["w", "z", "x", "y"])
        #expect(try instant(#"sort_by_label_desc(m, "no", "a")"#, source).map { $0["b"] } == ["y", "x", "z", "w"])
    }
}

/// Cancels the query when its last series is read.
private struct CancellingSource: MetricSource {
    let base: MemorySource

    private struct Found: MetricSeriesSet {
        let base: any MetricSeriesSet
        let context: QueryContext

        var count: Int { base.count }

        func labels(at index: Int) -> Labels { base.labels(at: index) }

        func read(_ index: Int, into columns: inout SampleColumns) throws(QueryError) {
            if index == count - 1 { context.cancel() }
            try base.read(index, into: &columns)
        }

        func read(_ index: Int, into samples: inout SeriesSamples) throws(QueryError) {
            if index == count - 1 { context.cancel() }
            try base.read(index, into: &samples)
        }
    }

    func select(_ selection: MetricSelection, context: QueryContext) throws(QueryError) -> any MetricSeriesSet {
        Found(base: try base.select(selection, context: context), context: context)
    }

    func series(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [Labels] { [] }

    func labelNames(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [String] { [] }

    func labelValues(
        of name: String, matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int,
        context: QueryContext
    ) throws(QueryError) -> [String] { [] }
}
