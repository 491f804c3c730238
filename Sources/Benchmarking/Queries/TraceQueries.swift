import MartletCore
import Wire

/// What people and dashboards ask of traces: by id, and in TraceQL.
package struct TraceQueries: Sendable {
    private static let limit = 20

    private let load: TraceLoad
    private let result: LoadResult
    /// Unix seconds, with room for the ends of spans.
    private let start: Int64
    private let end: Int64
    private let run: String

    /// About what was sent; nil when nothing was.
    package init?(_ load: TraceLoad, _ result: LoadResult) {
        guard let times = result.times else { return nil }
        self.load = load
        self.result = result
        start = times.lowerBound / 1_000_000_000 - 1
        end = times.upperBound / 1_000_000_000 + 2
        run = "resource.run = \"\(load.options.run)\""
    }

    /// All of them; the first tells whether all that was sent is there.
    package var all: [BenchQuery] {
        var queries = [
            count,
            search(
                "failed traces", "{ \(run) && status = error }", part(TraceLoad.Part.failed).limited(to: Self.limit)),
            search(
                "slow checkouts", "{ \(run) && name = \"\(TraceShape.checkout)\" && duration > 100ms }",
                part(TraceLoad.Part.slowCheckouts).limited(to: Self.limit)),
            search(
                "failures below a service",
                "{ \(run) && resource.service.name = \"\(TraceLoad.service(0))\" } >> { status = error }",
                part(TraceLoad.Part.failed).limited(to: Self.limit)),
            rates,
        ]
        // The last one lies in memory, the first on disk, more likely than not.
        for (name, number) in [("a trace, early", result.sample.first), ("a trace, late", result.sample.last)] {
            guard let number else { continue }
            let trace = number * Int64(load.tracesPerPush)
            queries.append(byID(name, trace))
            if number == result.sample.last {
                queries.append(
                    search(
                        "the trace of an order", "{ \(run) && span.order.id = \"\(load.order(of: trace))\" }",
                        .exactly(1)))
            }
        }
        return queries
    }

    private func part(_ part: Int) -> Expectation {
        .between(result.acknowledged.part(part), result.sent.part(part))
    }

    /// All spans. The steps' ends do not matter, since nothing else has the run's name.
    private var count: BenchQuery {
        let expected = Expectation.between(result.acknowledged.items, result.sent.items)
        return metrics("spans", "{ \(run) } | count_over_time()") { series in
            expected.judge(series.reduce(0) { $0 + $1.reduce(0, +) }, "spans")
        }
    }

    private var rates: BenchQuery {
        let most = Double(load.servicesWithSpans)
        let isEnough = result.acknowledged.part(TraceLoad.Part.traces) >= load.tracesOfAllServices
        let expected = isEnough ? Expectation.exactly(most) : .init(range: 1...most)
        return metrics("rate by service", "{ \(run) } | rate() by (resource.service.name)") { series in
            expected.judge(Double(series.count), "series")
        }
    }

    private func metrics(
        _ name: String, _ query: String, _ judge: @escaping @Sendable ([[Double]]) -> BenchQuery.Verdict
    ) -> BenchQuery {
        let step = max(1, (end - start) / 60)
        let parameters = [
            ("q", query), ("start", "\(start - step)"), ("end", "\(end + step)"), ("step", "\(step)s"),
        ]
        return BenchQuery(name, query, path: "/api/metrics/query_range", parameters) { (body) throws(JSONError) in
            let document = try JSONValue(parsing: body)
            return judge(
                (document["series"]?.array ?? []).map { series in
                    (series["samples"]?.array ?? []).map { $0["value"]?.double ?? 0 }
                })
        }
    }

    private func search(_ name: String, _ query: String, _ expected: Expectation) -> BenchQuery {
        let parameters = [
            ("q", query), ("start", "\(start)"), ("end", "\(end)"), ("limit", "\(Self.limit)"),
        ]
        return BenchQuery(name, query, path: "/api/search", parameters) { (body) throws(JSONError) in
            expected.judge(Double(try JSONValue(parsing: body)["traces"]?.array?.count ?? 0), "traces")
        }
    }

    private func byID(_ name: String, _ trace: Int64) -> BenchQuery {
        let id = load.id(of: trace).description
        let expected = Expectation.exactly(Double(load.spans(of: trace)))
        return BenchQuery(name, id, path: "/api/traces/\(id)", []) { (body) throws(JSONError) in
            let document = try JSONValue(parsing: body)
            var spans = 0
            for resource in (document["batches"] ?? document["resourceSpans"])?.array ?? [] {
                for scope in (resource["scopeSpans"] ?? resource["instrumentationLibrarySpans"])?.array ?? [] {
                    spans += scope["spans"]?.array?.count ?? 0
                }
            }
            return expected.judge(Double(spans), "spans")
        }
    }
}
