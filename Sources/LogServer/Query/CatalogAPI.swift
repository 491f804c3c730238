import Hummingbird
import LogQL
import MartletCore
import Service

/// What there is: label names and values, series, and how much of it.
struct CatalogAPI: Sendable {
    let sources: TenantSources
    let config: LogConfig
    let queries: BlockingPool

    init(sources: TenantSources, config: LogConfig, queries: BlockingPool) {
        self.sources = sources
        self.config = config
        self.queries = queries
    }

    func labelNames(_ call: QueryAPI.Call) async throws -> Response {
        try await answer(call, call.selector) { streams in
            var names: Set<String> = []
            for stream in streams { for pair in stream.labels.pairs { names.insert(pair.name) } }
            return QueryReply.names(Self.sorted(names))
        }
    }

    func labelValues(_ call: QueryAPI.Call) async throws -> Response {
        let name = call.context.parameters.get("name") ?? ""
        if config.queriesSeveralTenants, name == TenantsSource.label { return QueryReply.names(call.tenants) }
        return try await answer(call, call.selector) { streams in
            QueryReply.names(Self.sorted(Set(streams.compactMap { $0.labels[name] })))
        }
    }

    func series(_ call: QueryAPI.Call) async throws -> Response {
        let given = (call.form.all("match[]") + call.form.all("match")).filter { !$0.isEmpty }
        return try await answer(call, given) { streams in
            var json = JSONWriter()
            json.beginObject()
            json.key("status")
            json.string("success")
            json.key("data")
            json.beginArray()
            for stream in streams { json.labels(stream.labels) }
            json.endArray()
            json.endObject()
            return QueryReply.json(json.bytes)
        }
    }

    func stats(_ call: QueryAPI.Call) async throws -> Response {
        try await answer(call, call.selector, .shares(step: .max)) { streams in
            var json = JSONWriter()
            json.beginObject()
            for (key, value) in [
                ("streams", streams.count), ("chunks", streams.reduce(0) { $0 + $1.chunks }),
                ("bytes", streams.reduce(0) { $0 + $1.bytes }), ("entries", streams.reduce(0) { $0 + $1.entries }),
            ] {
                json.key(key)
                json.int(value)
            }
            json.endObject()
            return QueryReply.json(json.bytes)
        }
    }

    func detectedLabels(_ call: QueryAPI.Call) async throws -> Response {
        try await answer(call, call.selector) { streams in
            var values: [String: Set<String>] = [:]
            for stream in streams {
                for pair in stream.labels.pairs { values[pair.name, default: []].insert(pair.value) }
            }
            var json = JSONWriter()
            json.beginObject()
            json.key("detectedLabels")
            json.beginArray()
            for (name, values) in values.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
            where DetectedLabels.isRelevant(name, values) {
                json.beginObject()
                json.key("label")
                json.string(name)
                json.key("cardinality")
                json.int(values.count)
                json.endObject()
            }
            json.endArray()
            json.endObject()
            return QueryReply.json(json.bytes)
        }
    }

    // MARK: Inside

    static func sorted(_ names: Set<String>) -> [String] {
        names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    static func matchers(_ selectors: [String]) throws(LogQueryError) -> [[Matcher]] {
        var result: [[Matcher]] = []
        for selector in selectors where selector != "{}" {
            guard case .log(let log) = try QueryExpression(parsing: selector), log.stages.isEmpty else {
                throw LogQueryError(.badQuery, "only label matchers are supported")
            }
            result.append(log.matchers)
        }
        return result
    }

    /// Makes an answer of the streams that match one of the selectors, on a thread for such work.
    private func answer(
        _ call: QueryAPI.Call, _ selectors: [String], _ detail: LogStreamSelection.Detail = .labels,
        _ body: @escaping @Sendable ([LogStreamSummary]) -> Response
    ) async throws -> Response {
        let (start, end) = try call.parameters.range()
        return try await answer(call) { (source, context) throws(LogQueryError) -> Response in
            let selection = LogStreamSelection(
                matching: try Self.matchers(selectors), start: start, end: end, detail)
            return body(try source.streams(selection, context: context))
        }
    }

    /// Makes an answer of what a tenant has stored, on a thread for such work.
    func answer(
        _ call: QueryAPI.Call,
        _ body: @escaping @Sendable (any LogSource, LogQueryContext) throws(LogQueryError) -> Response
    ) async throws -> Response {
        let source = sources.source(call.tenants)
        let context = sources.context(timeoutSeconds: config.limits.queryTimeout)
        return try await call.context.whileClientStays { [queries] in
            try await withTaskCancellationHandler {
                try await queries.run {
                    do throws(LogQueryError) {
                        return try body(source, context)
                    } catch {
                        throw QueryAPI.failure(error)
                    }
                }
            } onCancel: {
                context.cancel()
            }
        }
    }
}
