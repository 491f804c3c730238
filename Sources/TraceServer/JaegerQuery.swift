import HTTPTypes
import MartletCore
import Service
import TraceQL
import Wire

/// The parameters of a search in Jaeger's API (jaegertracing/jaeger, "Query API", `/api/traces`).
struct JaegerQuery {
    /// What Jaeger has unless told.
    private static let defaultTraces = 100
    private static let defaultSeconds: UInt64 = 2 * 86_400

    /// TraceQL that means the same: one span that has all that is asked for.
    let text: String
    /// Two days up to now unless told.
    let range: TimeRange
    /// Most traces to answer with.
    let traces: Int
    /// Traces that are asked for by their ids, in place of a search; empty for a search.
    let ids: [OTLP.TraceID]

    init(
        _ parameters: QueryParameters, limits: QueryLimits, rangeLimit: QueryTimes.Limit, now: UInt64
    ) throws(HTTPFailure) {
        let end = try Self.time("end", parameters) ?? now
        let start = try Self.time("start", parameters) ?? end - min(end, Self.defaultSeconds * 1_000_000_000)
        guard start <= end else { throw HTTPFailure(.badRequest, "parameter 'start' must not be after 'end'") }
        range = TimeRange(start: start, end: end)
        traces = try Self.limit(parameters, limits)
        var ids: [OTLP.TraceID] = []
        for text in parameters.all("traceID") {
            guard let id = OTLP.TraceID(hex: text) else {
                throw HTTPFailure(
                    .badRequest, "cannot parse traceID param: \"\(text.prefix(64))\" is not 1 to 32 hexadecimal digits")
            }
            ids.append(id)
        }
        guard ids.count <= traces else {
            throw HTTPFailure(.badRequest, "\(ids.count) traces are asked for by id, with a limit of \(traces)")
        }
        self.ids = ids
        text = ids.isEmpty ? try Self.conditions(parameters) : "{ }"
        if ids.isEmpty { try rangeLimit.check(range) }
    }

    /// The TraceQL condition that a span is one of the service.
    static func service(_ name: String) -> String {
        "resource.service.name = \(TagFilter.quoted(name))"
    }

    private static func conditions(_ parameters: QueryParameters) throws(HTTPFailure) -> String {
        guard let service = parameters["service"], !service.isEmpty else {
            throw HTTPFailure(.badRequest, "parameter 'service' is required")
        }
        var conditions = [Self.service(service)]
        if let operation = parameters["operation"], !operation.isEmpty {
            conditions.append("name = \(TagFilter.quoted(operation))")
        }
        let shortest = try duration("minDuration", parameters)
        let longest = try duration("maxDuration", parameters)
        if let shortest, let longest, longest < shortest {
            throw HTTPFailure(.badRequest, "'maxDuration' should be greater than 'minDuration'")
        }
        if let shortest { conditions.append("duration >= \(shortest)ns") }
        if let longest { conditions.append("duration <= \(longest)ns") }
        for tag in try tags(parameters) { conditions.append(condition(tag.key, tag.value)) }
        return "{ " + conditions.joined(separator: " && ") + " }"
    }

    /// A tag has the value in a span, its process, a log or, by its name in Jaeger, in a field of OTLP.
    private static func condition(_ key: String, _ value: String) -> String {
        let text = TagFilter.quoted(value)
        switch key {
        case "error" where value == "true": return "(status = error || .error = true)"
        case "error" where value == "false": return "status != error"
        case "span.kind":
            if SpanKindCode.allCases.contains(where: { $0.keyword == value }) { return "kind = \(value)" }
        case "otel.status_code":
            let keyword = value.lowercased()
            if StatusCode.allCases.contains(where: { $0.keyword == keyword }) { return "status = \(keyword)" }
        case "otel.status_description": return "statusMessage = \(text)"
        case "otel.scope.name", "otel.library.name": return "instrumentation:name = \(text)"
        case "otel.scope.version", "otel.library.version": return "instrumentation:version = \(text)"
        case "event": return "(event:name = \(text) || .event = \(text))"
        default: break
        }
        let operand = ".\(TagFilter.quoted(key))"
        return TagFilter.orTyped("\(operand) = \(text)", operand, value)
    }

    /// `tag=key:value`, as often as wanted, and `tags={"key":"value"}`.
    private static func tags(_ parameters: QueryParameters) throws(HTTPFailure) -> [(key: String, value: String)] {
        var tags: [(key: String, value: String)] = []
        for tag in parameters.all("tag") {
            guard let colon = tag.firstIndex(of: ":") else {
                throw HTTPFailure(
                    .badRequest, "malformed 'tag' parameter, expecting key:value, received: \(tag.prefix(128))")
            }
            tags.append((String(tag[..<colon]), String(tag[tag.index(after: colon)...])))
        }
        for json in parameters.all("tags") where !json.isEmpty {
            do throws(JSONError) {
                tags += try Bytes.of(json) { (bytes) throws(JSONError) in try object(bytes) }
            } catch {
                throw HTTPFailure(
                    .badRequest,
                    "malformed 'tags' parameter, cannot unmarshal JSON: \(error.reason) at offset \(error.offset)")
            }
        }
        return tags
    }

    /// Texts by name; a number or truth value without quotes counts as its text.
    private static func object(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> [(key: String, value: String)] {
        var members: [(key: String, value: String)] = []
        var reader = JSONReader(bytes)
        try reader.beginObject()
        while try reader.nextKey() {
            let key = reader.key
            switch try reader.peek() {
            case .string: members.append((key, try reader.string()))
            case .number, .bool: members.append((key, String(decoding: try reader.skipValue(), as: UTF8.self)))
            case .object, .array, .null: throw reader.fail("the value of a tag must be a string")
            }
        }
        try reader.end()
        return members
    }

    // MARK: Numbers

    /// Unix nanoseconds of a parameter in microseconds; nil when it is not given.
    private static func time(_ name: String, _ parameters: QueryParameters) throws(HTTPFailure) -> UInt64? {
        guard let text = parameters[name], !text.isEmpty else { return nil }
        guard let microseconds = UInt64(text), microseconds <= UInt64(Int64.max) / 1000 else {
            throw HTTPFailure(
                .badRequest, "cannot parse \(name): \"\(text.prefix(64))\" is not Unix time in microseconds")
        }
        return microseconds * 1000
    }

    /// Nanoseconds; nil when it is not given.
    private static func duration(_ name: String, _ parameters: QueryParameters) throws(HTTPFailure) -> Int64? {
        guard let text = parameters[name], !text.isEmpty else { return nil }
        do throws(DurationError) {
            return try GoDuration.parse(text)
        } catch {
            throw HTTPFailure(.badRequest, "cannot parse \(name): \(error)")
        }
    }

    private static func limit(_ parameters: QueryParameters, _ limits: QueryLimits) throws(HTTPFailure) -> Int {
        guard let text = parameters["limit"], !text.isEmpty else { return defaultTraces }
        guard let limit = Int(text), limit > 0 else {
            throw HTTPFailure(.badRequest, "cannot parse limit: \"\(text.prefix(64))\" is not a positive number")
        }
        if limits.maximumTraces > 0, limit > limits.maximumTraces {
            throw HTTPFailure(
                .badRequest,
                "limit \(limit) exceeds max_result_limit \(limits.maximumTraces); raise query_frontend.search.max_result_limit"
            )
        }
        return limit
    }
}
