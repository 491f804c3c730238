import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import Service
import TraceQL
import TraceStorage
import Wire

/// Tempo's query API over gRPC: each answer is a stream of what is known so far, which gets better, and ends with what the
/// same question is answered over HTTP.
extension QueryRoutes {
    /// Where the calls are.
    package static let streamingPath = "/" + Tempo.streamingService
    /// Bytes of a question.
    private static let questionBytes = 1 << 20

    func registerStreams(on router: Router<ServiceContext>) {
        for query in StreamedQuery.allCases {
            router.post(RouterPath(query.path)) { request, context in try await stream(query, request, context) }
        }
    }

    private func stream(
        _ query: StreamedQuery, _ request: Request, _ context: ServiceContext
    ) async throws -> Response {
        let store = try store(request, context)
        let asked = try await GRPCCall(request, context, limit: Self.questionBytes)
        let call: Call
        do throws(WireError) {
            let (parameters, path) = try asked.message.withUnsafeReadableBytes { bytes throws(WireError) in
                try query.parameters(bytes)
            }
            call = Call(parameters: parameters, store: store, path: path, account: context.account)
        } catch {
            throw HTTPFailure(.badRequest, "the call's message is malformed: \(error)")
        }
        return GRPCCall.response { writer in
            do {
                try await send(query, call, within: asked.timeout, context, to: &writer)
                return RPCStatus(.ok, "")
            } catch {
                guard context.isClientConnected else { return RPCStatus(.cancelled, "the client has gone") }
                return RPCStatus(HTTPFailure(error, isClientGone: false, logger: context.logger))
            }
        }
    }

    /// Runs the query and writes what it tells of meanwhile. A client that takes its time gets less of that: what it has not
    /// taken is replaced by what comes next.
    private func send(
        _ query: StreamedQuery, _ call: Call, within timeout: Duration?, _ context: ServiceContext,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        let (partials, continuation) = AsyncStream.makeStream(
            of: StreamedAnswer.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: StreamedAnswer.self) { group in
            group.addTask {
                defer { continuation.finish() }
                return try await run(call, context) { call in
                    try answer(query, call, StreamedProgress(call.account) { continuation.yield($0) })
                }
            }
            if let timeout {
                group.addTask {
                    defer { continuation.finish() }
                    try await Task.sleep(for: timeout)
                    throw HTTPFailure(.gatewayTimeout, "the call's deadline has passed")
                }
            }
            for await partial in partials { try await Self.write(partial, to: &writer) }
            if let whole = try await group.next() { try await Self.write(whole, to: &writer) }
            group.cancelAll()
        }
    }

    private static func write(_ answer: StreamedAnswer, to writer: inout any ResponseBodyWriter) async throws {
        for message in answer.messages { try await writer.write(message) }
    }

    // MARK: The calls

    private func answer(_ query: StreamedQuery, _ call: Call, _ progress: StreamedProgress) throws -> StreamedAnswer {
        switch query {
        case .search:
            let told: QueryProgress<[FoundTrace]> = { done, total, soFar in
                progress.report(done, total) { jobs in soFar().map { SearchMessages.traces($0, jobs) } }
            }
            return try progress.finish(SearchMessages.traces(try foundTraces(call, progress: told), progress.all))
        case .tags:
            return try progress.finish(
                TagMessages.names(try names(of: try tagScopes(call, isV2: false), call), progress.all))
        case .tagsV2:
            let told: QueryProgress<[TagScope]> = { done, total, soFar in
                progress.report(done, total) { jobs in soFar().map { TagMessages.scopes($0, jobs) } }
            }
            return try progress.finish(
                TagMessages.scopes(try tagScopes(call, isV2: true, progress: told), progress.all))
        case .tagValues, .tagValuesV2:
            let isV2 = query == .tagValuesV2
            let told: QueryProgress<[TagValue]> = { done, total, soFar in
                progress.report(done, total) { jobs in soFar().map { TagMessages.values($0, isV2: isV2, jobs) } }
            }
            return try progress.finish(
                TagMessages.values(try values(call, isV2: isV2, progress: told), isV2: isV2, progress.all))
        case .range, .instant:
            let isInstant = query == .instant
            let memory = QueryMemory(budget: database.budget)
            let told: QueryProgress<Measured> = { done, total, soFar in
                progress.report(done, total) { jobs in
                    soFar().map { MetricMessages.series($0, isInstant: isInstant, jobs) }
                }
            }
            let measured = try measured(call, isInstant: isInstant, memory: memory, progress: told)
            return try withExtendedLifetime(memory) {
                try Self.hold(memory, measured)
                return try progress.finish(
                    MetricMessages.series(measured, isInstant: isInstant, progress.all))
            }
        }
    }
}
