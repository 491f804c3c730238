import MartletCore
import Peers

/// What dashboards and alerts ask of metrics, in PromQL.
package struct MetricQueries: Sendable {
    private let load: MetricLoad
    private let result: LoadResult
    private let start: Int64
    private let end: Int64
    private let selector: String

    /// About what was sent; nil when nothing was.
    package init?(_ load: MetricLoad, _ result: LoadResult) {
        guard let times = result.times else { return nil }
        self.load = load
        self.result = result
        // Milliseconds, which samples have.
        start = times.lowerBound / 1_000_000
        end = times.upperBound / 1_000_000
        selector = "job=\"\(Marks.job)\",run=\"\(load.options.run)\""
    }

    /// All of them; the first tells whether all that was sent is there.
    package var all: [BenchQuery] {
        var queries = [samples, seriesCount, ofHost, byRegularExpression]
        if let values { queries.append(values) }
        if let window {
            let (requests, memory) = ("bench_http_requests_total", "bench_memory_usage_bytes")
            queries += [
                overTime(
                    "rate by region", "sum by (region) (rate(\(requests){\(selector)}[\(window.text)]))",
                    series: min(3, load.hosts(with: requests)), from: start + window.milliseconds),
                overTime(
                    "quantile by env", "quantile by (env) (0.95, \(memory){\(selector)})",
                    series: min(2, load.hosts(with: memory)), from: start),
                overTime("sum of all series", "sum({\(selector)})", series: 1, from: start),
                highest(window.text),
            ].compactMap(\.self)
        }
        return queries
    }

    /// All samples of all series.
    private var samples: BenchQuery {
        // The millisecond more has the first sample in a window that is open on its left.
        let query = "sum(count_over_time({\(selector)}[\(QueryTime.length(end - start + 1))]))"
        let expected = Expectation.between(result.acknowledged.items, result.sent.items)
        return instant("samples", query) { expected.judge($0.sum, "samples") }
    }

    private var seriesCount: BenchQuery {
        let expected = expectation(load.options.series)
        return instant("series", "count({\(selector)})") { expected.judge($0.sum, "series") }
    }

    private var ofHost: BenchQuery {
        let host = SeriesNames.instance(0)
        let expected = expectation(load.series(ofFirst: 1))
        return instant("all of one host", "{\(selector),instance=\"\(host)\"}") {
            expected.judge(Double($0.series), "series")
        }
    }

    private var byRegularExpression: BenchQuery {
        let expected = expectation(load.series(ofFirst: 10))
        return instant("hosts by regular expression", "count({\(selector),instance=~\"host-0000[0-9].+\"})") {
            expected.judge($0.sum, "series")
        }
    }

    /// Values themselves, not only how many there are; nil where the last ones are not known.
    private var values: BenchQuery? {
        guard result.isExact, result.isComplete, let rounds = load.options.rounds else { return nil }
        let metric = "bench_api_usage_bytes"
        let last = load.series(of: metric, round: rounds - 1)
        guard last.count > 0 else { return nil }
        let expected = Expectation.about(last.sum)
        return instant("sum of a metric", "sum(\(metric){\(selector)})") { expected.judge($0.sum, "in all") }
    }

    private func highest(_ window: String) -> BenchQuery? {
        let metric = "bench_cache_usage_bytes"
        let series = load.series(of: metric, round: 0).count
        guard series > 0 else { return nil }
        let expected = expectation(min(5, series))
        return instant("highest five averages", "topk(5, avg_over_time(\(metric){\(selector)}[\(window)]))") {
            expected.judge(Double($0.series), "series")
        }
    }

    /// A query at sixty steps or fewer, at each of which there is data; nil where no series has any.
    private func overTime(_ name: String, _ query: String, series: Int, from first: Int64) -> BenchQuery? {
        guard series > 0 else { return nil }
        let step = max(1, (end - first) / 60)
        let steps = (end - first) / step + 1
        let exact = Double(series) * Double(steps)
        // What is not acknowledged, or comes live, may leave holes.
        let expected = isLevel && load.options.times != nil ? .exactly(exact) : Expectation(range: 1...exact)
        let parameters = [
            ("query", query), ("start", QueryParameter.seconds(first * 1_000_000)),
            ("end", QueryParameter.seconds(end * 1_000_000)), ("step", QueryParameter.seconds(step * 1_000_000)),
            Self.withoutCache,
        ]
        return BenchQuery(name, query, path: "/api/v1/query_range", parameters, isForm: true) {
            (body) throws(JSONError) in expected.judge(Double(try SampleAnswer(body).values), "values")
        }
    }

    private func instant(
        _ name: String, _ query: String, _ judge: @escaping @Sendable (SampleAnswer) -> BenchQuery.Verdict
    ) -> BenchQuery {
        let parameters = [("query", query), ("time", QueryParameter.seconds(end * 1_000_000)), Self.withoutCache]
        return BenchQuery(name, query, path: "/api/v1/query", parameters, isForm: true) { (body) throws(JSONError) in
            judge(try SampleAnswer(body))
        }
    }

    /// VictoriaMetrics neither rounds times nor leaves out the newest samples then; others do not know it.
    private static let withoutCache = ("nocache", "1")

    /// A number of series, all of which are there if each had its turn lately.
    private func expectation(_ series: Int) -> Expectation {
        isLevel ? .exactly(Double(series)) : Expectation(range: 0...Double(series))
    }

    /// Whether all series have a sample shortly before the end: servers look five minutes back.
    private var isLevel: Bool {
        guard result.isExact else { return false }
        if load.options.times != nil { return result.isComplete }
        // Connections may be some rounds apart.
        return rounds >= 4 && (end - start) / rounds < 60_000
    }

    private var rounds: Int64 { result.pushes / Int64(load.pushesPerRound) }

    /// Five minutes, or an eighth of the time if that is shorter, but four samples at least; nil for less than eight samples of
    /// each series.
    private var window: (text: String, milliseconds: Int64)? {
        guard rounds >= 8 else { return nil }
        let milliseconds = max(min(300_000, (end - start) / 8), (end - start) * 4 / rounds)
        return milliseconds > 0 ? (QueryTime.length(milliseconds), milliseconds) : nil
    }
}
