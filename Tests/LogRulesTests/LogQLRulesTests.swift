import LogQL
import LogRules
import MartletCore
import PromQL
import Rules
import SampleMath
import Testing

@Suite("LogQL as the language of rules")
struct LogQLRulesTests {
    private func evaluator(maxSeries: Int = 500) -> LogQLEvaluator {
        var limits = LogEngine.Limits()
        limits.maxSeries = maxSeries
        return LogQLEvaluator(limits: limits, source: { NoLines() }, context: { LogQueryContext() })
    }

    @Test("an expression is written as LogQL writes it, and reads nothing that rules write")
    func parsing() throws {
        let expression = try LogQLRules().parse("sum(count_over_time( {app=\"x\"}[5m] ))>0")
        #expect(expression.description == "(sum(count_over_time({app=\"x\"}[5m])) > 0)")
        #expect(expression.reads.isEmpty)
        #expect(expression == (try LogQLRules().parse("sum(count_over_time({app=\"x\"}[5m])) > 0")))
    }

    @Test("a log query is refused, since it gives no numbers")
    func logQuery() {
        #expect {
            _ = try LogQLRules().parse("{app=\"x\"} |= \"error\"")
        } throws: {
            "\($0)".hasPrefix("a log query gives lines, a rule needs numbers")
        }
    }

    @Test("a number is one sample without labels")
    func number() throws {
        let found = try evaluator().samples(of: LogQLRules().parse("1 + 1"), atMs: 1000)
        #expect(found.map(\.value) == [2])
        #expect(found.map(\.labels) == [Labels()])
    }

    @Test("the past has a sample for every step")
    func past() throws {
        let found = try evaluator().series(
            of: LogQLRules().parse("vector(3)"), fromMs: 1000, toMs: 3000, stepMs: 1000)
        #expect(found.count == 1)
        #expect(found[0].samples.timestamps == [1000, 2000, 3000])
        #expect(found[0].samples.values == [3, 3, 3])
    }

    @Test("a query that fails tells LogQL's reason")
    func failure() throws {
        let expression = try LogQLRules().parse("count_over_time({app=\"broken\"}[5m])")
        #expect(throws: RuleError("no disk")) { _ = try evaluator().samples(of: expression, atMs: 1000) }
    }

    @Test("after the stop no query runs")
    func stop() throws {
        let evaluator = evaluator()
        let expression = try LogQLRules().parse("count_over_time({app=\"x\"}[5m])")
        evaluator.stop()
        do {
            _ = try evaluator.samples(of: expression, atMs: 1000)
            Issue.record("the query ran")
        } catch {
            #expect(error.isCancellation)
        }
    }
}

/// Streams without lines; those of the app "broken" cannot be read.
private struct NoLines: LogSource {
    func entries(
        _ selection: LogSelection, context: LogQueryContext, _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        try context.check()
        if selection.matchers.contains(where: { $0.value == "broken" }) { throw LogQueryError(.storage, "no disk") }
    }

    func streams(
        _ selection: LogStreamSelection, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] { [] }
}
