import Hummingbird
import MartletCore
import MetricStorage
import Service

extension MetricServer {
    /// Entries of each list of `/api/v1/status/tsdb`, at most.
    private static let cardinalityLimit = 10_000

    /// `/api/v1/status/tsdb`: counts of the head, and of what its series consist.
    func headStatistics(_ parameters: RequestParameters) async throws -> Response {
        var limit = 10
        if let text = parameters["limit"], !text.isEmpty {
            guard let number = Int(text), number >= 1 else { throw APIError.badData("limit must be a positive number") }
            guard number <= Self.cardinalityLimit else {
                throw APIError.badData("limit must not exceed \(Self.cardinalityLimit)")
            }
            limit = number
        }
        let (store, wanted) = (store, limit)
        let (statistics, cardinality) = try await blocking.run {
            (store.statistics, store.cardinality(limit: wanted))
        }
        return APIResponse.success { json in
            json.beginObject()
            json.key("headStats")
            json.beginObject()
            for (key, value) in [
                ("numSeries", statistics.series), ("numLabelPairs", statistics.labelPairs),
                ("chunkCount", statistics.chunks), ("minTime", Int(statistics.oldestTimeMs)),
                ("maxTime", Int(statistics.maxTimeMs)),
            ] {
                json.key(key)
                json.int(value)
            }
            json.endObject()
            for (key, entries) in [
                ("seriesCountByMetricName", cardinality.seriesByMetric),
                ("labelValueCountByLabelName", cardinality.valuesByLabel),
                ("memoryInBytesByLabelName", cardinality.bytesByLabel),
                ("seriesCountByLabelValuePair", cardinality.seriesByPair),
            ] {
                json.key(key)
                json.beginArray()
                for entry in entries {
                    json.beginObject()
                    json.key("name")
                    json.string(entry.name)
                    json.key("value")
                    json.int(entry.value)
                    json.endObject()
                }
                json.endArray()
            }
            json.endObject()
        }
    }
}
