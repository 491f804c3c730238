import Hummingbird
import MartletCore
import MetricStorage
import PromQL
import Service

extension MetricServer {
    func addExemplarRoutes(_ router: Router<ServiceContext>) {
        both(router, "/api/v1/query_exemplars") { server, parameters, context in
            try await server.exemplars(parameters, context)
        }
    }

    /// The exemplars of all series that the expression's selectors name.
    private func exemplars(_ parameters: RequestParameters, _ request: ServiceContext) async throws -> Response {
        let start = try parameters.time("start") ?? .min
        let end = try parameters.time("end") ?? .max
        guard end >= start else { throw APIError.badData("end timestamp must not be before start timestamp") }
        let selectors: [Expression.Selector]
        do throws(ParseError) {
            selectors = try Parser.parse(parameters["query"] ?? "", options: engine.options.parserOptions).selectors
        } catch {
            throw APIError.badData(error.description)
        }
        // Without a selector there is nothing to answer with, not even an empty list.
        guard !selectors.isEmpty else { return Response(status: .noContent) }
        let store = store
        return try await queries.run(for: request) { context in
            let found = try store.exemplars(
                matching: selectors.map(\.matchers), minTime: start, maxTime: end, context: context)
            return APIResponse.success(warnings: found.warnings) { json in
                json.beginArray()
                for series in found.series { Self.write(series, &json) }
                json.endArray()
            }
        }
    }

    private static func write(_ series: SeriesExemplars, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("seriesLabels")
        json.labels(series.labels)
        json.key("exemplars")
        json.beginArray()
        for exemplar in series.exemplars {
            json.beginObject()
            json.key("labels")
            json.labels(exemplar.labels)
            json.key("value")
            json.sampleValue(exemplar.value)
            json.key("timestamp")
            json.sampleTime(exemplar.timeMs)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }
}
