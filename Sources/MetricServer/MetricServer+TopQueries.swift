import Hummingbird
import MartletCore
import Service

extension MetricServer {
    /// Queries of each list of `/api/v1/status/top_queries`, at most.
    private static let topLimit = 1000

    /// `/api/v1/status/top_queries`: which queries came most often, took longest, and took the most time in all. The names are
    /// VictoriaMetrics'.
    func topQueries(_ parameters: RequestParameters) throws -> Response {
        var count = 20
        if let text = parameters["topN"], !text.isEmpty {
            guard let number = Int(text), (1...Self.topLimit).contains(number) else {
                throw APIError.badParameter("topN", "must be a number from 1 to \(Self.topLimit)")
            }
            count = number
        }
        let age = try parameters.duration("maxLifetime") ?? 600_000
        guard age > 0 else { throw APIError.badParameter("maxLifetime", "must be greater than 0") }
        let (usages, queries) = queryLog.usages(within: .milliseconds(age))
        return APIResponse.success { json in
            json.beginObject()
            json.key("topN")
            json.int(count)
            json.key("maxLifetime")
            json.string(PrometheusDuration.format(age))
            json.key("lastQueriesCount")
            json.int(queries)
            for (key, isBefore) in Self.orders {
                json.key(key)
                json.beginArray()
                for usage in usages.sorted(by: isBefore).prefix(count) { Self.write(usage, &json) }
                json.endArray()
            }
            json.endObject()
        }
    }

    private typealias Order = @Sendable (QueryLog.Usage, QueryLog.Usage) -> Bool

    /// The lists and what comes first in each; equal ones by their text, so that answers are repeatable.
    private static let orders: [(key: String, isBefore: Order)] = [
        ("topByCount", { ($1.count, $0.subject.query) < ($0.count, $1.subject.query) }),
        ("topByAvgDuration", { ($1.average, $0.subject.query) < ($0.average, $1.subject.query) }),
        ("topBySumDuration", { ($1.total, $0.subject.query) < ($0.total, $1.subject.query) }),
    ]

    private static func write(_ usage: QueryLog.Usage, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("query")
        json.string(usage.subject.query)
        json.key("timeRangeSeconds")
        json.double(Double(usage.subject.rangeMs) / 1000)
        json.key("count")
        json.int(usage.count)
        for (key, seconds) in [
            ("avgDurationSeconds", usage.average), ("sumDurationSeconds", usage.total / .seconds(1)),
            ("maxDurationSeconds", usage.longest / .seconds(1)),
        ] {
            json.key(key)
            json.double(seconds)
        }
        json.endObject()
    }
}
