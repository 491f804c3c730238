import Hummingbird
import LogQL
import LogStorage
import MartletCore
import Service

/// What there is: label names and values, series, and how much of it.
struct CatalogAPI: Sendable {
    private let store: LogStore
    private let config: LogConfig
    private let queries: BlockingPool

    init(store: LogStore, config: LogConfig, queries: BlockingPool) {
        self.store = store
        self.config = config
        self.queries = queries
    }

    func labelNames(_ call: QueryAPI.Call) async throws -> Response {
        try await answer(call, call.selector) { streams, _ in
            var names: Set<String> = []
            for stream in streams { for pair in stream.labels.pairs { names.insert(pair.name) } }
            return QueryReply.names(Self.sorted(names))
        }
    }

    func labelValues(_ call: QueryAPI.Call) async throws -> Response {
        let name = call.context.parameters.get("name") ?? ""
        return try await answer(call, call.selector) { streams, _ in
            QueryReply.names(Self.sorted(Set(streams.compactMap { $0.labels[name] })))
        }
    }

    func series(_ call: QueryAPI.Call) async throws -> Response {
        let given = (call.form.all("match[]") + call.form.all("match")).filter { !$0.isEmpty }
        return try await answer(call, given) { streams, _ in
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
        try await answer(call, call.selector) { streams, _ in
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

    /// Bytes by series or by label, biggest first.
    func volume(_ call: QueryAPI.Call) async throws -> Response {
        let limit = try call.parameters.limit()
        let time = try call.parameters.range().end
        let targets = Set((call.form["targetLabels"] ?? "").split(separator: ",").map(String.init))
        let byLabels = call.form["aggregateBy"] == "labels"
        return try await answer(call, call.selector) { streams, matchers in
            let names = targets.isEmpty ? Set(matchers.flatMap { $0.map(\.name) }) : targets
            var volumes: [Labels: Int] = [:]
            for stream in streams {
                if byLabels {
                    for pair in stream.labels.pairs where targets.isEmpty || targets.contains(pair.name) {
                        volumes[Labels([("__label__", pair.name)]), default: 0] += stream.bytes
                    }
                    continue
                }
                let labels =
                    names.isEmpty
                    ? stream.labels
                    : Labels(stream.labels.pairs.filter { names.contains($0.name) }.map { ($0.name, $0.value) })
                volumes[labels, default: 0] += stream.bytes
            }
            let sorted = volumes.filter { !$0.key.isEmpty }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            return QueryReply.query("vector", context: LogQueryContext()) { json in
                json.beginArray()
                for (labels, bytes) in sorted.prefix(limit) {
                    json.beginObject()
                    json.key("metric")
                    if byLabels {
                        json.labels(Labels([(labels["__label__"] ?? "", labels["__label__"] ?? "")]))
                    } else {
                        json.labels(labels)
                    }
                    json.key("value")
                    QueryReply.sample(time, Double(bytes), to: &json)
                    json.endObject()
                }
                json.endArray()
            }
        }
    }

    func detectedLabels(_ call: QueryAPI.Call) async throws -> Response {
        try await answer(call, call.selector) { streams, _ in
            var values: [String: Set<String>] = [:]
            for stream in streams {
                for pair in stream.labels.pairs { values[pair.name, default: []].insert(pair.value) }
            }
            var json = JSONWriter()
            json.beginObject()
            json.key("detectedLabels")
            json.beginArray()
            for name in Self.sorted(Set(values.keys)) {
                json.beginObject()
                json.key("label")
                json.string(name)
                json.key("cardinality")
                json.int(values[name]?.count ?? 0)
                json.endObject()
            }
            json.endArray()
            json.endObject()
            return QueryReply.json(json.bytes)
        }
    }

    // MARK: Inside

    private static func sorted(_ names: Set<String>) -> [String] {
        names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func matchers(_ selectors: [String]) throws(LogQueryError) -> [[Matcher]] {
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
        _ call: QueryAPI.Call, _ selectors: [String],
        _ body: @escaping @Sendable ([LogStreamSummary], [[Matcher]]) -> Response
    ) async throws -> Response {
        let (start, end) = try call.parameters.range()
        let source = store.source(tenant: call.tenant)
        let context = LogQueryContext(
            timeoutSeconds: config.limits.queryTimeout, memoryLimit: store.queryMemory, budget: store.queryBudget)
        return try await call.context.whileClientStays { [queries] in
            try await withTaskCancellationHandler {
                try await queries.run {
                    do throws(LogQueryError) {
                        let matchers = try Self.matchers(selectors)
                        let streams = try source?.streams(matching: matchers, start: start, end: end, context: context)
                        return body(streams ?? [], matchers)
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
