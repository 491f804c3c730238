import MartletCore
import Peers

/// What people and dashboards ask of log lines, in LogQL.
package struct LogQueries: Sendable {
    private let load: LogLoad
    private let result: LoadResult
    private let start: Int64
    private let end: Int64
    private let selector: String

    /// About what was sent; nil when nothing was.
    package init?(_ load: LogLoad, _ result: LoadResult) {
        guard let times = result.times else { return nil }
        self.load = load
        self.result = result
        start = times.lowerBound
        // Behind the last line, since ends are not included.
        end = times.upperBound + 1
        selector = "job=\"\(Marks.job)\",run=\"\(load.options.run)\""
    }

    /// All of them; the first tells whether all that was sent is there.
    package var all: [BenchQuery] {
        var queries = [count, newest, matchesNothing, errors, byApp, errorsByApp, jsonErrors]
        if let number = result.sample.last { queries.append(needle(load.needle(in: number))) }
        return queries
    }

    private var count: BenchQuery {
        let range = QueryTime.length((end - start) / 1_000_000 + 1)
        let query = "sum(count_over_time({\(selector)}[\(range)]))"
        let expected = Expectation.between(result.acknowledged.items, result.sent.items)
        return BenchQuery(
            "lines", query, path: "/loki/api/v1/query", [("query", query), ("time", "\(end)")], isForm: true
        ) { (body) throws(JSONError) in expected.judge(try SampleAnswer(body).sum, "lines") }
    }

    private var newest: BenchQuery {
        lines("newest hundred", "{\(selector),app=\"\(LogLoad.app(of: 0))\"}", whole(1...100))
    }

    private var matchesNothing: BenchQuery {
        lines("a word that no line has", "{\(selector)} |= \"no line has this\"", .exactly(0))
    }

    private var errors: BenchQuery {
        let expected = Expectation.between(
            result.acknowledged.part(LogLoad.Part.errors), result.sent.part(LogLoad.Part.errors))
        return lines("newest hundred errors", "{\(selector)} |= \"error\"", expected.limited(to: 100))
    }

    private func needle(_ id: String) -> BenchQuery {
        lines("the line with an id", "{\(selector)} |= \"\(id)\"", .exactly(1))
    }

    private var byApp: BenchQuery {
        counts("lines by app over time", "{\(selector)}", by: "app", result.acknowledged.items, result.sent.items)
    }

    private var errorsByApp: BenchQuery {
        let part = LogLoad.Part.errors
        return counts(
            "errors by app over time", "{\(selector)} |= \"error\"", by: "app", result.acknowledged.part(part),
            result.sent.part(part))
    }

    private var jsonErrors: BenchQuery {
        let part = LogLoad.Part.jsonErrors
        return counts(
            "JSON by country over time", "{\(selector),format=\"json\"} | json | level=\"error\"", by: "country",
            result.acknowledged.part(part), result.sent.part(part))
    }

    /// Lines of a query, at most a hundred.
    private func lines(_ name: String, _ query: String, _ expected: Expectation) -> BenchQuery {
        let parameters = [
            ("query", query), ("start", "\(start)"), ("end", "\(end)"), ("limit", "100"), ("direction", "backward"),
        ]
        return BenchQuery(name, query, path: "/loki/api/v1/query_range", parameters, isForm: true) {
            (body) throws(JSONError) in expected.judge(Double(try LogPage(body).lines.count), "lines")
        }
    }

    /// Counts in sixty windows that do not overlap and leave nothing out: together they are all there is.
    private func counts(
        _ name: String, _ selection: String, by label: String, _ acknowledged: Int64, _ sent: Int64
    ) -> BenchQuery {
        // Windows end at their steps, and servers may move steps to multiples of their distance; seconds are what all take.
        let step = max(1, (end - start) / 60_000_000_000 + 1)
        let first = start / 1_000_000_000 / step * step
        let last = (end / 1_000_000_000 / step + 2) * step
        let query = "sum by (\(label)) (count_over_time(\(selection) [\(step)s]))"
        let parameters = [
            ("query", query), ("start", "\(first)000000000"), ("end", "\(last)000000000"), ("step", "\(step)"),
        ]
        let expected = Expectation.between(acknowledged, sent)
        return BenchQuery(name, query, path: "/loki/api/v1/query_range", parameters, isForm: true) {
            (body) throws(JSONError) in expected.judge(try SampleAnswer(body).sum, "lines")
        }
    }

    /// A number that is known to lie in a range: its upper end if there are enough lines.
    private func whole(_ range: ClosedRange<Int>) -> Expectation {
        // Each app has a twentieth of the lines, and more of few.
        let enough = result.isExact && result.acknowledged.items >= Int64(range.upperBound * load.options.streams * 2)
        return Expectation(range: Double(enough ? range.upperBound : 0)...Double(range.upperBound))
    }
}
