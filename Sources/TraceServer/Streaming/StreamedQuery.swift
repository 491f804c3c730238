import Service
import Wire

/// The calls of Tempo's query API over gRPC.
enum StreamedQuery: String, CaseIterable, Sendable {
    case search = "Search"
    case tags = "SearchTags"
    case tagsV2 = "SearchTagsV2"
    case tagValues = "SearchTagValues"
    case tagValuesV2 = "SearchTagValuesV2"
    case range = "MetricsQueryRange"
    case instant = "MetricsQueryInstant"

    /// The path that the call is posted to.
    var path: String { "\(QueryRoutes.streamingPath)/\(rawValue)" }

    /// What the same question has for parameters over HTTP, in its URL and in its path: one set of rules is for both.
    func parameters(
        _ message: UnsafeRawBufferPointer
    ) throws(WireError) -> (query: QueryParameters, path: [String: String]) {
        var pairs: [(name: String, value: String)] = []
        func add(_ name: String, _ number: some UnsignedInteger, unit: String = "") {
            if number != 0 { pairs.append((name, "\(number)\(unit)")) }
        }
        var path: [String: String] = [:]
        switch self {
        case .search:
            let request = try Tempo.SearchRequest(protobuf: message)
            let tags = request.tags.map { (key: $0.key, value: $0.value) }
            let query = request.query.isEmpty && !tags.isEmpty ? TagFilter.query(tags) : request.query
            pairs.append(("q", query))
            // Both are refused, as they are over HTTP.
            if !request.query.isEmpty, !tags.isEmpty { pairs.append(("tags", "tags")) }
            add("minDuration", request.minDurationMs, unit: "ms")
            add("maxDuration", request.maxDurationMs, unit: "ms")
            add("limit", request.limit)
            add("spss", request.spansPerSpanSet)
            add("start", request.start)
            add("end", request.end)
        case .tags, .tagsV2:
            let request = try Tempo.TagsRequest(protobuf: message)
            pairs.append(("scope", request.scope))
            pairs.append(("q", request.query))
            add("start", request.start)
            add("end", request.end)
            add("limit", request.limit)
        case .tagValues, .tagValuesV2:
            let request = try Tempo.TagValuesRequest(protobuf: message)
            path["name"] = request.name
            pairs.append(("q", request.query))
            add("start", request.start)
            add("end", request.end)
            add("limit", request.limit)
        case .range, .instant:
            let request =
                try self == .range ? Tempo.MetricsRequest(range: message) : Tempo.MetricsRequest(instant: message)
            pairs.append(("q", request.query))
            add("start", request.start)
            add("end", request.end)
            add("step", request.step, unit: "ns")
            add("maxSeries", request.maxSeries)
        }
        return (QueryParameters(pairs), path)
    }
}
