import Hummingbird
import LogQL
import MartletCore
import Service

/// What is in the lines: their fields, and the patterns that they follow. Both look at a part of the lines only.
struct AnalysisAPI: Sendable {
    /// Lines that patterns are found in, the newest of the range.
    private static let patternLines = 50_000
    /// Of a short range; a longer one has a 250th of it, as everywhere.
    private static let patternStep: Int64 = 10_000_000_000

    let catalog: CatalogAPI

    /// The newest lines of the query, with the limit on them that the request has.
    private static func lines(
        _ source: any LogSource, _ text: String, _ start: Int64, _ end: Int64, _ limit: Int, _ context: LogQueryContext
    ) throws(LogQueryError) -> LogStreams {
        guard case .log(let log) = try QueryExpression(parsing: text) else {
            throw LogQueryError(.badQuery, "only log selector is supported")
        }
        return try LogEngine(source).logs(
            log, start: start, end: end, limit: limit, direction: .backward, context: context)
    }

    /// How many fields, or values of one, are wanted; older clients call it `field_limit`.
    private static func fieldLimit(_ call: QueryAPI.Call) throws -> Int {
        try call.parameters.limit(call.form["limit"] == nil ? "field_limit" : "limit", default: 1000)
    }

    /// How many lines are looked at, no more than a query may ask for.
    private func lineLimit(_ call: QueryAPI.Call) throws -> Int {
        let limit = try call.parameters.limit("line_limit")
        try catalog.config.limits.checkEntries(limit, of: "line_limit")
        return limit
    }

    /// `/loki/api/v1/detected_fields`
    func fields(_ call: QueryAPI.Call) async throws -> Response {
        let lineLimit = try lineLimit(call)
        let limit = try Self.fieldLimit(call)
        let (start, end) = try call.parameters.range()
        let text = call.form["query"] ?? ""
        return try await catalog.answer(call) { (source, context) throws(LogQueryError) -> Response in
            let streams = try Self.lines(source, text, start, end, lineLimit, context)
            var detected = try DetectedFields(limit: limit)
            for stream in streams.streams { try detected.add(stream, context) }
            var json = JSONWriter()
            json.beginObject()
            json.key("fields")
            json.beginArray()
            for field in detected.fields { Self.write(field, to: &json) }
            json.endArray()
            json.key("limit")
            json.int(limit)
            json.endObject()
            return QueryReply.json(json.bytes)
        }
    }

    private static func write(_ field: DetectedFields.Field, to json: inout JSONWriter) {
        json.beginObject()
        json.key("label")
        json.string(field.name)
        json.key("type")
        json.string(field.type.rawValue)
        json.key("cardinality")
        json.int(field.values.count)
        json.key("parsers")
        if field.parsers.isEmpty {
            json.null()
        } else {
            json.beginArray()
            for parser in field.parsers { json.string(parser) }
            json.endArray()
        }
        if !field.jsonPath.isEmpty {
            json.key("jsonPath")
            json.beginArray()
            for key in field.jsonPath { json.string(key) }
            json.endArray()
        }
        json.endObject()
    }

    /// `/loki/api/v1/detected_field/{name}/values`
    func values(_ call: QueryAPI.Call) async throws -> Response {
        let name = call.context.parameters.get("name") ?? ""
        let lineLimit = try lineLimit(call)
        let limit = try Self.fieldLimit(call)
        let (start, end) = try call.parameters.range()
        let text = call.form["query"] ?? ""
        return try await catalog.answer(call) { (source, context) throws(LogQueryError) -> Response in
            let streams = try Self.lines(source, text, start, end, lineLimit, context)
            var detected = try DetectedFields(limit: .max)
            for stream in streams.streams { try detected.add(stream, context) }
            let values = detected.fields.first { $0.name == name }?.values ?? []
            var json = JSONWriter()
            json.beginObject()
            json.key("values")
            json.beginArray()
            for value in CatalogAPI.sorted(values).prefix(limit) { json.string(value) }
            json.endArray()
            json.key("limit")
            json.int(limit)
            json.endObject()
            return QueryReply.json(json.bytes)
        }
    }

    /// `/loki/api/v1/patterns`
    func patterns(_ call: QueryAPI.Call) async throws -> Response {
        let (start, end) = try call.parameters.range()
        let wanted = try call.parameters.step(start: start, end: end)
        let step = call.form["step"] == nil ? max(Self.patternStep, wanted) : wanted
        try QueryAPI.checkResolution(start, end, step)
        let text = call.form["query"] ?? ""
        return try await catalog.answer(call) { (source, context) throws(LogQueryError) -> Response in
            let streams = try Self.lines(source, text, start, end, Self.patternLines, context)
            // Lines of different levels share no pattern.
            var miners = [PatternMiner](repeating: PatternMiner(step: step), count: LogLevel.allCases.count)
            for stream in streams.streams {
                for (place, entry) in stream.entries.enumerated() {
                    if place % 64 == 0 { try context.check() }
                    let level = entry.metadata.withValue(of: LogLevel.label) { LogLevel(value: $0) } ?? nil
                    miners[(level ?? .unknown).rawValue].add(entry.line, at: entry.timestamp)
                }
            }
            let patterns = zip(LogLevel.allCases, miners).flatMap { level, miner in miner.patterns.map { (level, $0) } }
                .sorted { ($1.1.total, $0.1.text) < ($0.1.total, $1.1.text) }
            var json = JSONWriter()
            json.beginObject()
            json.key("status")
            json.string("success")
            json.key("data")
            json.beginArray()
            for (level, pattern) in patterns {
                json.beginObject()
                json.key("pattern")
                json.string(pattern.text)
                json.key("level")
                json.string(level.name)
                json.key("samples")
                json.beginArray()
                for (time, count) in pattern.counts.sorted(by: { $0.key < $1.key }) {
                    json.beginArray()
                    json.int(Int(time / 1_000_000_000))
                    json.int(count)
                    json.endArray()
                }
                json.endArray()
                json.endObject()
            }
            json.endArray()
            json.endObject()
            return QueryReply.json(json.bytes)
        }
    }
}
