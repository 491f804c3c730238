import GRPCCore
import MartletCore
import Service
import Wire

/// The Export calls of the three collector services.
struct OTLPGRPCCalls: RegistrableRPCService {
    let exchange: OTLPExchange
    let memory: MemoryBudget
    let authenticator: Authenticator?

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        for signal in OTLP.Signal.allCases {
            router.registerHandler(
                forMethod: MethodDescriptor(fullyQualifiedService: signal.grpcService, method: "Export"),
                deserializer: RawDeserializer(limit: exchange.limits.requestBytes), serializer: RawSerializer()
            ) { stream, _ in
                let request = try await ServerRequest(stream: stream)
                let message = try await export(signal, request)
                return StreamingServerResponse(single: ServerResponse(message: message))
            }
        }
    }

    private func export(_ signal: OTLP.Signal, _ request: ServerRequest<RawRequest>) async throws(RPCError) -> [UInt8] {
        let result: Result<OTLP.ExportResponse, OTLPRefusal>
        switch request.message {
        case .tooLarge(let size):
            result = .failure(exchange.refusal(signal, exchange.limits.tooLarge(size)))
        case .body(let body):
            result = await handle(signal, body, request.metadata)
        }
        switch result {
        case .success(let response): return response.protobuf()
        case .failure(let refusal): throw Self.error(refusal)
        }
    }

    private func handle(
        _ signal: OTLP.Signal, _ body: [UInt8], _ metadata: Metadata
    ) async -> Result<OTLP.ExportResponse, OTLPRefusal> {
        let identity: Identity
        do {
            identity =
                try await authenticator?.identify(metadata[stringValues: "authorization"].first { _ in true })
                ?? .anonymous
            guard identity.access.contains(.write) else {
                throw OTLPRefusal(.forbidden, "\(identity.name ?? "this client") may not write here")
            }
        } catch {
            return .failure(exchange.refusal(signal, error))
        }
        guard memory.reserve(body.count) else {
            let refusal = OTLPRefusal.unavailable(
                "memory limit of \(memory.limit) bytes reached; raise --memory.limit or send less at a time",
                retryAfterSeconds: 1)
            return .failure(exchange.refusal(signal, refusal))
        }
        defer { memory.release(body.count) }
        return await exchange.respond(
            signal, body, json: false, tenant: metadata[stringValues: "x-scope-orgid"].first { _ in true },
            identity: identity)
    }

    /// The error with google.rpc.Status in the trailers when it names a delay.
    private static func error(_ refusal: OTLPRefusal) -> RPCError {
        let status = refusal.rpcStatus
        var metadata: Metadata = [:]
        if status.retryAfterMilliseconds != nil {
            metadata.addBinary(status.protobuf(), forKey: "grpc-status-details-bin")
        }
        let code: RPCError.Code =
            switch refusal.kind {
            case .invalid: .invalidArgument
            case .tooLarge, .exhausted: .resourceExhausted
            case .unavailable: .unavailable
            case .unimplemented: .unimplemented
            case .unauthenticated: .unauthenticated
            case .forbidden: .permissionDenied
            case .failed: .internalError
            }
        return RPCError(code: code, message: status.message, metadata: metadata)
    }
}

/// A request's bytes, unless there are too many.
private enum RawRequest: Sendable {
    case body([UInt8])
    case tooLarge(Int)
}

private struct RawDeserializer: MessageDeserializer {
    let limit: Int

    func deserialize<Bytes: GRPCContiguousBytes>(_ serializedMessageBytes: Bytes) throws -> RawRequest {
        serializedMessageBytes.withUnsafeBytes { bytes in
            bytes.count > limit ? .tooLarge(bytes.count) : .body([UInt8](bytes))
        }
    }
}

private struct RawSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
        Bytes(message)
    }
}
