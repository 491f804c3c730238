import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import Service
import TraceQL
import TraceStorage
import Wire

/// Jaeger's query API, below `/jaeger`, for Jaeger's UI and Grafana's data source of that name.
extension QueryRoutes {
    func registerJaeger(on router: Router<ServiceContext>) {
        router.get("/jaeger/api/services") { request, context in
            try await jaeger(request, context) { try services($0) }
        }
        router.get("/jaeger/api/services/{name}/operations") { request, context in
            try await jaeger(request, context) { try operationNames($0) }
        }
        router.get("/jaeger/api/operations") { request, context in
            try await jaeger(request, context) { try operations($0) }
        }
        router.get("/jaeger/api/traces") { request, context in
            try await jaeger(request, context) { try traces($0) }
        }
        router.get("/jaeger/api/traces/{id}") { request, context in
            try await jaeger(request, context) { try oneTrace($0) }
        }
        // Nothing computes which service calls which.
        router.get("/jaeger/api/dependencies") { request, context in
            try await jaeger(request, context) { _ in JaegerJSON.list(total: 0) { _ in } }
        }
    }

    /// Answers with JSON, also when there is nothing but a reason why not.
    private func jaeger(
        _ request: Request, _ context: ServiceContext, _ body: @escaping @Sendable (Call) throws -> [UInt8]
    ) async throws -> Response {
        do {
            return try await answer(request, context) { call in
                do {
                    return Self.json(try body(call))
                } catch let error as TraceQLError {
                    throw HTTPFailure(.badRequest, error.description)
                } catch let error as QueryMemory.BudgetExhausted {
                    throw HTTPFailure.retryLater(.tooManyRequests, error.description, after: 5)
                }
            }
        } catch let failure as HTTPFailure {
            var headers = failure.headers
            headers[.contentType] = "application/json"
            return Response(
                status: failure.status, headers: headers,
                body: .init(byteBuffer: ByteBuffer(bytes: JaegerJSON.failure(failure.status.code, failure.message))))
        }
    }

    // MARK: Services and operations

    private func services(_ call: Call) throws -> [UInt8] {
        try names(call, .serviceName, of: "{ }")
    }

    private func operationNames(_ call: Call) throws -> [UInt8] {
        try names(call, .intrinsic(.name), of: "{ \(JaegerQuery.service(call.path["name"] ?? "")) }")
    }

    /// The texts that an operand has among recent spans.
    private func names(_ call: Call, _ operand: Operand, of spans: String) throws -> [UInt8] {
        let filter = try plan(spans) { query throws(TraceQLError) -> FieldExpression? in
            guard case .pipeline(let stages) = query.root, case .spanset(.filter(let filter))? = stages.first else {
                return nil
            }
            return filter
        }
        let values =
            try call.store.map {
                try TagSearch.values(
                    of: operand, where: filter, on: $0, range: recent, limit: limits.tagValuesBytes,
                    cancellation: call.cancellation)
            } ?? []
        let names = values.compactMap(\.text).filter { !$0.isEmpty }
        return JaegerJSON.list(total: names.count) { json in
            for name in names { json.string(name) }
        }
    }

    /// Names with kinds.
    private func operations(_ call: Call) throws -> [UInt8] {
        guard let service = call.parameters["service"], !service.isEmpty else {
            throw HTTPFailure(.badRequest, "parameter 'service' is required")
        }
        let kind = call.parameters["spanKind"] ?? ""
        let plan = try plan("{ \(JaegerQuery.service(service)) } | count_over_time() by (name, kind)") {
            query throws(TraceQLError) in try TraceMetrics(query)
        }
        let memory = QueryMemory(budget: database.budget)
        let series =
            try call.store.map {
                try plan.run(
                    on: $0, steps: MetricSteps(instant: recent), memory: memory, cancellation: call.cancellation)
            } ?? []
        let operations = series.compactMap { series -> (name: [UInt8], kind: String)? in
            guard let name = series.labels.first?.value.text, let found = series.labels.last?.value.text else {
                return nil
            }
            let shown = found.elementsEqual("unspecified".utf8) ? "" : String(decoding: found, as: UTF8.self)
            return kind.isEmpty || kind == shown ? (name, shown) : nil
        }
        return JaegerJSON.list(total: operations.count) { json in
            for operation in operations {
                json.beginObject()
                json.key("name")
                json.string(operation.name)
                json.key("spanKind")
                json.string(operation.kind)
                json.endObject()
            }
        }
    }

    /// As far back as a search may go.
    private var recent: TimeRange {
        let now = now()
        let length = UInt64(max(0, limits.searchSeconds)).multipliedReportingOverflow(by: 1_000_000_000)
        guard limits.searchSeconds > 0, !length.overflow else { return .always }
        return TimeRange(start: now - min(now, length.partialValue), end: .max)
    }

    // MARK: Traces

    private func traces(_ call: Call) throws -> [UInt8] {
        let query = try JaegerQuery(call.parameters, limits: limits, rangeLimit: searchLimit, now: now())
        var ids = query.ids
        if ids.isEmpty, let store = call.store {
            let search = try plan(query.text) { query throws(TraceQLError) in try TraceSearch(query) }
            ids = try search.run(
                on: store, range: query.range, limits: TraceSearch.Limits(traces: query.traces, spans: 1),
                cancellation: call.cancellation
            ).map { OTLP.TraceID(high: $0.id.high, low: $0.id.low) }
        } else if ids.isEmpty {
            // A query that cannot be is refused also where there are no spans.
            _ = try plan(query.text) { query throws(TraceQLError) in try TraceSearch(query) }
        }
        return try answer(ids, call)
    }

    private func oneTrace(_ call: Call) throws -> [UInt8] {
        let text = call.path["id"] ?? ""
        guard let id = OTLP.TraceID(hex: text) else {
            throw HTTPFailure(.badRequest, "trace id must have 1 to 32 hexadecimal digits, not \"\(text.prefix(64))\"")
        }
        guard let found = try call.store?.trace(high: id.high, low: id.low) else {
            throw HTTPFailure(.notFound, "trace not found")
        }
        var json = JaegerJSON()
        try append(id, found, call, to: &json)
        return json.finished()
    }

    private func answer(_ ids: [OTLP.TraceID], _ call: Call) throws -> [UInt8] {
        var json = JaegerJSON()
        // The memory of what is written so far; that of the answer is taken when it is there.
        var held = 0
        defer { call.account.release(held) }
        for id in ids {
            try call.cancellation.check()
            if let found = try call.store?.trace(high: id.high, low: id.low) {
                try append(id, found, call, to: &json)
            } else {
                json.appendMissing(id)
            }
            let more = json.count - held
            try call.account.reserve(more)
            held += more
        }
        return json.finished()
    }

    /// What the trace is decoded into is reserved meanwhile.
    private func append(_ id: OTLP.TraceID, _ protobuf: [UInt8], _ call: Call, to json: inout JaegerJSON) throws {
        let decoded = 8 * protobuf.count
        try call.account.reserve(decoded)
        defer { call.account.release(decoded) }
        json.append(id, try OTLP.Traces(protobuf: protobuf, limits: .standard))
    }
}
