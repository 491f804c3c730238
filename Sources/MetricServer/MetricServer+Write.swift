import Compression
import Durable
import HTTPTypes
import Hummingbird
import MartletCore
import MetricStorage
import NIOCore
import Scraping
import Service
import Wire

extension MetricServer {
    private static let writeBodyKey = "--web.remote-write-receiver.max-body-size"

    func addWriteRoutes(_ router: Router<ServiceContext>) {
        guard !readOnly else {
            for path: RouterPath in ["/api/v1/write", "/api/v1/otlp/v1/metrics"] {
                router.post(path) { _, _ -> Response in
                    throw HTTPFailure(.forbidden, "this server only answers queries: it runs with --storage.read-only")
                }
            }
            return
        }
        router.post("/api/v1/write") { request, context in
            try await serving(request, context, isWrite: true).remoteWrite(request, context)
        }
        router.post("/api/v1/otlp/v1/metrics") { request, context in
            try await serving(request, context, isWrite: true).otlpWrite(request, context)
        }
    }

    private func remoteWrite(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let type = request.headers[.contentType] ?? RemoteWrite.contentType
        guard let kind = RemoteWrite.Message(contentType: type), acceptedMessages.contains(kind) else {
            let accepted = acceptedMessages.map(\.contentType).joined(separator: " or ")
            throw HTTPFailure(.unsupportedMediaType, "\(type) is not accepted: send \(accepted)")
        }
        var written = WriteOutcome.Written()
        do {
            let encoding = request.headers[.contentEncoding] ?? RemoteWrite.contentEncoding
            guard encoding.lowercased() == RemoteWrite.contentEncoding else {
                throw HTTPFailure(
                    .unsupportedMediaType, "content encoding \"\(encoding)\" is not accepted: send snappy")
            }
            context.account.leave(store.queryReserve)
            let body = try await requestBody(
                request, context, limit: writes.options.bodyLimit, limitKey: Self.writeBodyKey)
            let size = try body.withUnsafeReadableBytes { try Snappy.decompressedSize($0) }
            guard size <= writes.options.bodyLimit else {
                throw HTTPFailure(
                    .contentTooLarge,
                    "the decompressed request body exceeds the limit of \(writes.options.bodyLimit) bytes; "
                        + "raise \(Self.writeBodyKey)")
            }
            try context.account.reserve(size)
            let outcome = try await writes.remoteWrite(body, kind)
            written = outcome.written
            try check(outcome)
            return Response(status: .noContent, headers: kind == .version2 ? Self.fields(of: written) : [:])
        } catch {
            let error = failure(error)
            guard kind == .version2, var failure = error as? HTTPFailure else { throw error }
            failure.headers.append(contentsOf: Self.fields(of: written))
            throw failure
        }
    }

    /// What tells a sender of remote write 2.0 how much was taken: a part of every answer, of errors as well.
    private static func fields(of written: WriteOutcome.Written) -> HTTPFields {
        var fields = HTTPFields()
        for (kind, count) in [
            ("Samples", written.samples), ("Histograms", written.histograms), ("Exemplars", written.exemplars),
        ] {
            guard let name = HTTPField.Name("X-Prometheus-Remote-Write-\(kind)-Written") else { continue }
            fields[name] = "\(count)"
        }
        return fields
    }

    private func otlpWrite(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let type = request.mediaType ?? ""
        let isJSON = type == "application/json"
        guard isJSON || type == "application/x-protobuf" else {
            throw HTTPFailure(
                .unsupportedMediaType,
                "unsupported content type: \"\(type)\", supported: [application/json, application/x-protobuf]")
        }
        context.account.leave(store.queryReserve)
        let body = try await requestBody(request, context, limit: writes.options.bodyLimit, limitKey: Self.writeBodyKey)
        let options = config.withLock { $0.otlp }
        do {
            let labelLimit = 4 * writes.options.bodyLimit
            let translation = try await context.blocking.run {
                let bytes = Array(body.readableBytesView)
                let metrics = try isJSON ? OTLP.Metrics(json: bytes) : OTLP.Metrics(protobuf: bytes)
                var wanted = OTLPMetricTranslation.Options(
                    strategy: OTLP.TranslationStrategy(rawValue: options.strategy.rawValue)
                        ?? .underscoreEscapingWithSuffixes,
                    promotedAttributes: Set(options.promotedAttributes),
                    keepsIdentifyingAttributes: options.keepsIdentifyingAttributes)
                wanted.labelLimit = labelLimit
                let translation = OTLPMetricTranslation(metrics, options: wanted)
                guard !translation.isTooLarge else {
                    throw WireError.tooLarge(limit: labelLimit, what: "labels of all series of the request in bytes")
                }
                return translation
            }
            try check(try await writes.otlp(translation))
            let answer = OTLP.ExportResponse(.metrics, translation.partialSuccess)
            return Response(
                status: .ok, headers: [.contentType: isJSON ? "application/json" : "application/x-protobuf"],
                body: .init(byteBuffer: ByteBuffer(bytes: isJSON ? answer.json() : answer.protobuf())))
        } catch {
            throw failure(error)
        }
    }

    /// Throws for samples that were not taken; those that could be taken are.
    private func check(_ outcome: WriteOutcome) throws {
        if outcome.refusedForMemory > 0 {
            throw HTTPFailure.retryLater(
                .tooManyRequests,
                "the memory budget has no room for new series or samples out of order: "
                    + "\(outcome.refusedForMemory) samples were refused; raise --memory.limit or send fewer", after: 30)
        }
        if !outcome.isComplete { throw HTTPFailure(.badRequest, outcome.message) }
    }

    private func failure(_ error: any Error) -> any Error {
        switch error {
        case let error as WireError: return HTTPFailure(.badRequest, "\(error)")
        case let error as CompressionError: return HTTPFailure(.badRequest, "\(error)")
        case is BlockingPool.Saturated: return HTTPFailure.retryLater(.serviceUnavailable, "\(error)", after: 1)
        case let error as DurableError where error.code == .noSpace:
            return HTTPFailure.retryLater(.serviceUnavailable, "\(error)", after: 30)
        case is DurableError: return HTTPFailure(.internalServerError, "\(error)")
        default: return error
        }
    }
}
