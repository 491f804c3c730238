import Hummingbird
import LogQL
import MartletCore
import Service

/// How many bytes series or labels have.
extension CatalogAPI {
    /// What volumes are asked for.
    private struct Wish: Sendable {
        let limit: Int
        let targets: Set<String>
        let byLabels: Bool
        let selectors: [String]

        init(_ call: QueryAPI.Call) throws {
            limit = try call.parameters.limit()
            targets = Set((call.form["targetLabels"] ?? "").split(separator: ",").map(String.init))
            switch call.form["aggregateBy"] {
            case nil, "series": byLabels = false
            case "labels": byLabels = true
            default: throw HTTPFailure(.badRequest, "invalid aggregation option")
            }
            selectors = call.selector
        }

        /// Calls `body` with the last time of each step, and the bytes in it, biggest first.
        func volumes(
            _ source: any LogSource, _ start: Int64, _ end: Int64, step: Int64 = .max, _ context: LogQueryContext,
            _ body: (_ last: Int64, _ biggest: [VolumeSteps.Volume]) throws(LogQueryError) -> Void
        ) throws(LogQueryError) {
            let matchers = try CatalogAPI.matchers(selectors)
            let selection = LogStreamSelection(matching: matchers, start: start, end: end, .shares(step: step))
            guard let range = selection.range else { return }
            let streams = try source.streams(selection, context: context)
            let names = targets.isEmpty ? Set(matchers.flatMap { $0.map(\.name) }) : targets
            let volumes = VolumeSteps(streams, LogSteps(range, step: step)) { labels in
                // As if each target were asked for with `=~".+"`.
                guard targets.allSatisfy({ labels[$0] != nil }) else { return [] }
                if byLabels {
                    return labels.pairs.filter { targets.isEmpty || targets.contains($0.name) }
                        .map { CatalogAPI.nameOnly($0.name) }
                }
                guard !names.isEmpty else { return [labels] }
                return [Labels(labels.pairs.filter { names.contains($0.name) }.map { ($0.name, $0.value) })]
            }
            try volumes.forEach(limit: limit, context, body)
        }
    }

    /// A label with an empty value: it is the name that counts.
    private static func nameOnly(_ name: String) -> Labels {
        var writer = ByteWriter()
        Bytes.of(name) { writer.uvarintBytes($0) }
        writer.uvarint(0)
        return Labels(canonicalBytes: writer.bytes)
    }

    /// `/loki/api/v1/index/volume`
    func volume(_ call: QueryAPI.Call) async throws -> Response {
        let wish = try Wish(call)
        let (start, end) = try call.parameters.range()
        return try await answer(call) { (source, context) throws(LogQueryError) -> Response in
            var volumes: [VolumeSteps.Volume] = []
            try wish.volumes(source, start, end, context) { (_, biggest) throws(LogQueryError) in volumes = biggest }
            return QueryReply.query("vector", context: context) { json in
                json.beginArray()
                for volume in volumes {
                    json.beginObject()
                    json.key("metric")
                    json.labels(volume.labels)
                    json.key("value")
                    QueryReply.sample(end, Double(volume.bytes), to: &json)
                    json.endObject()
                }
                json.endArray()
            }
        }
    }

    /// `/loki/api/v1/index/volume_range`: a point at the end of each step.
    func volumeRange(_ call: QueryAPI.Call) async throws -> Response {
        let wish = try Wish(call)
        let (start, end) = try call.parameters.range()
        let step = try call.parameters.step(start: start, end: end)
        try QueryAPI.checkResolution(start, end, step)
        return try await answer(call) { (source, context) throws(LogQueryError) -> Response in
            var series: [Labels: [(time: Int64, bytes: Int)]] = [:]
            try wish.volumes(source, start, end, step: step, context) { (last, biggest) throws(LogQueryError) in
                for volume in biggest {
                    let labels = series[volume.labels] == nil ? volume.labels.bytes.count + 64 : 0
                    try context.hold(labels + MemoryLayout<(Int64, Int)>.stride)
                    series[volume.labels, default: []].append((last + 1, volume.bytes))
                }
            }
            let sorted = series.sorted { ($1.value[0].bytes, $0.key) < ($0.value[0].bytes, $1.key) }
            return QueryReply.query("matrix", context: context) { json in
                json.beginArray()
                for (labels, points) in sorted {
                    json.beginObject()
                    json.key("metric")
                    json.labels(labels)
                    json.key("values")
                    json.beginArray()
                    for point in points { QueryReply.sample(point.time, Double(point.bytes), to: &json) }
                    json.endArray()
                    json.endObject()
                }
                json.endArray()
            }
        }
    }
}
