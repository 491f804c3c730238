import MartletCore

/// The questions of ``LogQueries`` that VictoriaLogs answers too, in LogsQL.
package struct LogsQLQueries: Sendable {
    private let load: LogLoad
    private let result: LoadResult
    private let range: [(String, String)]
    private let selector: String

    /// About what was sent; nil when nothing was.
    package init?(_ load: LogLoad, _ result: LoadResult) {
        guard let times = result.times else { return nil }
        self.load = load
        self.result = result
        range = [("start", "\(times.lowerBound)"), ("end", "\(times.upperBound + 1)")]
        selector = "job=\"\(Marks.job)\",run=\"\(load.options.run)\""
    }

    /// All of them; the first tells whether all that was sent is there.
    package var all: [BenchQuery] {
        let errors = Expectation.between(
            result.acknowledged.part(LogLoad.Part.errors), result.sent.part(LogLoad.Part.errors))
        var queries = [
            counted("lines", "{\(selector)} | stats count() n", .between(result.acknowledged.items, result.sent.items)),
            listed("a word that no line has", "{\(selector)} ~\"no line has this\" | limit 100", .exactly(0)),
            listed(
                "newest hundred errors", "{\(selector)} ~\"error\" | sort by (_time desc) | limit 100",
                errors.limited(to: 100)),
            counted(
                "lines by app over time", "{\(selector)} | stats by (app, _time:1m) count() n",
                .between(result.acknowledged.items, result.sent.items)),
            counted("errors by app over time", "{\(selector)} ~\"error\" | stats by (app, _time:1m) count() n", errors),
        ]
        if let number = result.sample.last {
            queries.append(
                listed("the line with an id", "{\(selector)} ~\"\(load.needle(in: number))\" | limit 100", .exactly(1)))
        }
        return queries
    }

    /// The sum of `n` over all rows.
    private func counted(_ name: String, _ query: String, _ expected: Expectation) -> BenchQuery {
        question(name, query) { (rows) throws(JSONError) in
            var sum = 0.0
            for row in rows { sum += Double(try JSONValue(parsing: Array(row))["n"]?.string ?? "") ?? .nan }
            return expected.judge(sum, "lines")
        }
    }

    private func listed(_ name: String, _ query: String, _ expected: Expectation) -> BenchQuery {
        question(name, query) { rows in expected.judge(Double(rows.count), "lines") }
    }

    /// An answer is a JSON object a line.
    private func question(
        _ name: String, _ query: String,
        _ judge: @escaping @Sendable ([ArraySlice<UInt8>]) throws(JSONError) -> BenchQuery.Verdict
    ) -> BenchQuery {
        BenchQuery(name, query, path: "/select/logsql/query", [("query", query)] + range, isForm: true) {
            (body) throws(JSONError) in try judge(body.split(separator: UInt8(ascii: "\n")))
        }
    }
}
