import Hummingbird
import MartletCore
import MetricStorage
import PromQL
import Service

extension MetricServer {
    /// Steps that one range query may have.
    private static let stepLimit: Int64 = 11_000

    func addQueryRoutes(_ router: Router<ServiceContext>) {
        both(router, "/api/v1/query") { server, parameters, context in try await server.instant(parameters, context) }
        both(router, "/api/v1/query_range") { server, parameters, context in try await server.range(parameters, context)
        }
        // Expressions of many regular expressions take long to parse, too.
        both(router, "/api/v1/format_query") { server, parameters, request in
            try await server.queries.run(for: request) { _ in
                let expression = try engine.parse(parameters["query"] ?? "")
                return APIResponse.success { $0.string(expression.pretty()) }
            }
        }
        both(router, "/api/v1/parse_query") { server, parameters, request in
            try await server.queries.run(for: request) { _ in
                let expression = try engine.parse(parameters["query"] ?? "")
                return APIResponse.success { ExpressionJSON.write(expression, to: &$0) }
            }
        }
    }

    private func instant(_ parameters: RequestParameters, _ request: ServiceContext) async throws -> Response {
        let limit = try parameters.limit()
        let time = try parameters.time("time") ?? WallClock.milliseconds
        let source = source
        return try await evaluate(parameters, request, limit, rangeMs: 0, times: { _ in time }) {
            try $0.instant($1, at: time, source: source, context: $2)
        }
    }

    private func range(_ parameters: RequestParameters, _ request: ServiceContext) async throws -> Response {
        let limit = try parameters.limit()
        let start = try parameters.requiredTime("start")
        let end = try parameters.requiredTime("end")
        guard end >= start else {
            throw APIError.badParameter("end", "end timestamp must not be before start time")
        }
        guard let step = try parameters.duration("step") else {
            throw APIError.badParameter("step", "cannot parse \"\" to a valid duration")
        }
        guard step > 0 else {
            throw APIError.badParameter(
                "step", "zero or negative query resolution step widths are not accepted. Try a positive integer")
        }
        guard (end - start) / step <= Self.stepLimit else {
            throw APIError.badData(
                "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution "
                    + "(?step=XX)")
        }
        let source = source
        return try await evaluate(
            parameters, request, limit, rangeMs: end - start, times: { start + Int64($0) * step }
        ) {
            try $0.range($1, start: start, end: end, step: step, source: source, context: $2)
        }
    }

    /// Answers a query.
    /// - Parameters:
    ///   - limit: series that the answer may have.
    ///   - times: the time of each step, in milliseconds.
    private func evaluate(
        _ parameters: RequestParameters, _ request: ServiceContext, _ limit: Int, rangeMs: Int64,
        times: @escaping @Sendable (Int) -> Int64,
        _ result: @escaping @Sendable (Engine, _ query: String, QueryContext) throws -> QueryResult
    ) async throws -> Response {
        let query = parameters["query"] ?? ""
        let timeout = try parameters.duration("timeout")
        let engine = try engine(parameters)
        let account = request.account
        let report = QueryReport(parameters["stats"])
        return try await queries.run(for: request, timeoutMs: timeout, statistics: report.statistics) { context in
            let began = ContinuousClock.now
            defer { note(query, rangeMs: rangeMs, began: began) }
            if let warning = report.warning { context.warn(warning) }
            let result = try result(engine, query, context)
            return try answer(result, limit, context, account) {
                report.write(result, began: began, times: times, &$0)
            }
        }
    }

    private func note(_ query: String, rangeMs: Int64, began: ContinuousClock.Instant) {
        if isMain { queryLog.note(query, rangeMs: rangeMs, took: .now - began) }
    }

    private func engine(_ parameters: RequestParameters) throws(APIError) -> Engine {
        let lookback: Int64?
        do throws(APIError) {
            lookback = try parameters.unnamedDuration("lookback_delta")
        } catch {
            throw .badData("error parsing lookback delta duration: \(error.message)")
        }
        guard let lookback, lookback > 0 else { return engine }
        return engine.looking(back: lookback)
    }

    private func answer(
        _ result: QueryResult, _ limit: Int, _ context: QueryContext, _ account: RequestAccount,
        statistics: (inout JSONWriter) -> Void
    ) throws -> Response {
        // The text grows with the result beside it; what there is of it in the end is held until it is sent.
        try context.hold(bytes: 2 * ResultEncoder.size(result))
        let text = ResultEncoder.success(result, limit: limit, statistics: statistics)
        guard account.tryReserve(text.count) else {
            throw APIError(
                status: .serviceUnavailable, type: "unavailable", message: account.exhausted.message)
        }
        return APIResponse.response(.ok, text)
    }
}
