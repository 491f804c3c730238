import HTTPTypes
import Hummingbird
import MartletCore
import Service
import TraceQL
import TraceStorage

extension QueryRoutes {
    func search(_ call: Call) throws -> Response {
        let found = try foundTraces(call)
        return call.wantsProtobuf
            ? Self.protobuf(SearchMessages.traces(found, .whole)) : Self.json(SearchJSON.traces(found))
    }

    /// The traces that a search finds, newest first.
    func foundTraces(_ call: Call, progress: QueryProgress<[FoundTrace]>? = nil) throws -> [FoundTrace] {
        let parameters = call.parameters
        let text = parameters["q"] ?? ""
        let tags = parameters["tags"] ?? ""
        if !text.isEmpty, !tags.isEmpty {
            throw HTTPFailure(.badRequest, "invalid request: q and tags cannot be used together")
        }
        let times = try times(call)
        let bounds = try bounds(parameters)
        let shortest =
            try parameters["minDuration"].map { text throws(HTTPFailure) in try QueryTimes.duration("minDuration", text)
            } ?? 0
        let longest =
            try parameters["maxDuration"].map { text throws(HTTPFailure) in try QueryTimes.duration("maxDuration", text)
            } ?? .max
        guard shortest <= longest else {
            throw HTTPFailure(.badRequest, "invalid minDuration: it is longer than maxDuration")
        }
        let search = try plan(text.isEmpty ? TagFilter.query(tags) : text) { query throws(TraceQLError) in
            try TraceSearch(query)
        }
        guard let store = call.store else { return [] }
        do {
            return try search.run(
                on: store, range: times.range, limits: bounds,
                filter: TraceSearch.TraceFilter(durations: shortest...longest),
                cancellation: call.cancellation, progress: progress)
        } catch let error as TraceQLError {
            throw HTTPFailure(.badRequest, error.description)
        }
    }

    /// The range of a search for traces or tags.
    func times(_ call: Call) throws(HTTPFailure) -> QueryTimes {
        try QueryTimes(call.parameters, limit: searchLimit, now: now())
    }

    /// How long the range of a search may be.
    var searchLimit: QueryTimes.Limit {
        QueryTimes.Limit(seconds: limits.searchSeconds, key: "overrides.defaults.read.max_search_duration")
    }

    private func bounds(_ parameters: QueryParameters) throws(HTTPFailure) -> TraceSearch.Limits {
        var traces = limits.defaultTraces
        if let text = parameters["limit"], !text.isEmpty {
            guard let value = Int(text), value > 0 else {
                throw HTTPFailure(.badRequest, "invalid limit: must be a positive number")
            }
            if limits.maximumTraces > 0, value > limits.maximumTraces {
                throw HTTPFailure(
                    .badRequest,
                    "limit \(value) exceeds max_result_limit \(limits.maximumTraces); raise query_frontend.search.max_result_limit"
                )
            }
            traces = value
        }
        var spans = limits.defaultSpans
        if let text = parameters["spss"], !text.isEmpty {
            guard let value = Int(text), value >= 0 else {
                throw HTTPFailure(.badRequest, "invalid spss: must be a non-negative number")
            }
            if limits.maximumSpans > 0, value > limits.maximumSpans {
                throw HTTPFailure(
                    .badRequest,
                    "spans per span set \(value) exceeds \(limits.maximumSpans); raise query_frontend.search.max_spans_per_span_set"
                )
            }
            spans = value == 0 ? .max : value
        }
        return TraceSearch.Limits(traces: traces, spans: spans)
    }

    /// Parses and prepares a query; what is wrong with it becomes 400.
    func plan<Plan>(_ text: String, _ body: (Query) throws(TraceQLError) -> Plan) throws(HTTPFailure) -> Plan {
        try checkSize(text)
        do throws(TraceQLError) {
            return try body(try Query(parsing: text))
        } catch {
            throw HTTPFailure(.badRequest, "invalid TraceQL query: \(error.description)")
        }
    }

    /// A query that is longer than the limit becomes 400.
    func checkSize(_ text: String) throws(HTTPFailure) {
        guard text.utf8.count <= limits.queryBytes else {
            throw HTTPFailure(
                .badRequest,
                "query of \(text.utf8.count) bytes exceeds the limit of \(limits.queryBytes); raise query_frontend.max_query_expression_size_bytes"
            )
        }
    }
}
