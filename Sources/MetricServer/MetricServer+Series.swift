import Hummingbird
import MartletCore
import MetricStorage
import PromQL
import Service

extension MetricServer {
    private static let truncated = "results truncated due to limit"

    func addSeriesRoutes(_ router: Router<ServiceContext>) {
        both(router, "/api/v1/series") { server, parameters, context in
            try await server.series(parameters, context)
        }
        both(router, "/api/v1/labels") { server, parameters, context in
            try await server.labelNames(parameters, context)
        }
        both(router, "/api/v1/label/{name}/values") { server, parameters, context in
            try await server.labelValues(
                labelName(inPath: try context.parameters.require("name")), parameters, context)
        }
        both(router, "/api/v1/metadata") { server, parameters, _ in try server.families(parameters) }
    }

    /// The name in a path, with its escapes undone: in the scheme of values where it begins as that does.
    private func labelName(inPath text: String) throws(APIError) -> String {
        let bytes = QueryParameters.bytes(pathComponent: text)
        guard bytes.withUnsafeBytes(LabelName.isValid) else {
            var quoted: [UInt8] = []
            bytes.withUnsafeBytes { GoQuote.append($0, to: &quoted) }
            throw .badData("invalid label name: " + String(decoding: quoted, as: UTF8.self))
        }
        return NameEscaping.unescapeValues(String(decoding: bytes, as: UTF8.self))
    }

    private func series(_ parameters: RequestParameters, _ request: ServiceContext) async throws -> Response {
        guard !parameters.all("match[]").isEmpty else { throw APIError.badData("no match[] parameter provided") }
        let times = try parameters.timeRange()
        let limit = try parameters.limit()
        let source = source
        return try await queries.run(for: request) { context in
            let matchers = try parameters.named { (all) throws(APIError) in try all.matchers() }
            // One more than asked for tells whether something is left out.
            let found = try source.series(
                matching: matchers, minTime: times.lowerBound, maxTime: times.upperBound,
                limit: limit > 0 ? limit + 1 : 0, context: context)
            return Self.list(found, limit, warnings: context.warnings) { $0.labels($1) }
        }
    }

    private func labelNames(_ parameters: RequestParameters, _ request: ServiceContext) async throws -> Response {
        let times = try parameters.timeRange()
        let limit = try parameters.limit()
        let source = source
        return try await queries.run(for: request) { context in
            let matchers = try parameters.matchers()
            let found = try source.labelNames(
                matching: matchers, minTime: times.lowerBound, maxTime: times.upperBound,
                limit: limit > 0 ? limit + 1 : 0, context: context)
            return Self.list(found, limit, warnings: context.warnings) { $0.string($1) }
        }
    }

    private func labelValues(
        _ name: String, _ parameters: RequestParameters, _ request: ServiceContext
    ) async throws -> Response {
        guard !name.isEmpty else { throw APIError.badData("invalid label name: \"\"") }
        let times = try parameters.timeRange()
        let limit = try parameters.limit()
        let source = source
        return try await queries.run(for: request) { context in
            let matchers = try parameters.matchers()
            let found = try source.labelValues(
                of: name, matching: matchers, minTime: times.lowerBound, maxTime: times.upperBound,
                limit: limit > 0 ? limit + 1 : 0, context: context)
            return Self.list(found, limit, warnings: context.warnings) { $0.string($1) }
        }
    }

    private func families(_ parameters: RequestParameters) throws -> Response {
        // There is one entry for each metric, so that `limit_per_metric` is only looked at.
        let limit = try parameters.entryLimit()
        _ = try parameters.entryLimit("limit_per_metric")
        let families = store.metadata.families(named: parameters["metric"]).sorted { $0.key < $1.key }
        return APIResponse.success { json in
            json.beginObject()
            for (name, entry) in families.prefix(limit) {
                json.key(name)
                json.beginArray()
                json.beginObject()
                entry.write(to: &json)
                json.endObject()
                json.endArray()
            }
            json.endObject()
        }
    }

    private static func list<Element>(
        _ found: [Element], _ limit: Int, warnings: [String], _ write: (inout JSONWriter, Element) -> Void
    ) -> Response {
        let isCut = limit > 0 && found.count > limit
        return APIResponse.success(warnings: warnings + (isCut ? [truncated] : [])) { json in
            json.beginArray()
            for element in isCut ? found.prefix(limit) : found[...] { write(&json, element) }
            json.endArray()
        }
    }
}

extension MetadataTable.Entry {
    /// The members of an object.
    func write(to json: inout JSONWriter) {
        for (key, text) in [("type", type), ("help", help), ("unit", unit)] {
            json.key(key)
            json.string(text)
        }
    }
}
