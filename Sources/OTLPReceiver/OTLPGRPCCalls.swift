import GRPCCore
import Service
import Wire

/// The Export calls of the three collector services. They see only requests that ``OTLPGRPCGate`` has let through.
struct OTLPGRPCCalls: RegistrableRPCService {
    let exchange: OTLPExchange
    let authenticator: Authenticator?

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        for signal in OTLP.Signal.allCases {
            router.registerHandler(
                forMethod: MethodDescriptor(fullyQualifiedService: signal.grpcService, method: "Export"),
                deserializer: RawDeserializer(), serializer: RawSerializer()
            ) { stream, _ in
                let request = try await ServerRequest(stream: stream)
                let message = try await export(signal, request)
                return StreamingServerResponse(single: ServerResponse(message: message))
            }
        }
    }

    private func export(_ signal: OTLP.Signal, _ request: ServerRequest<[UInt8]>) async throws(RPCError) -> [UInt8] {
        switch await handle(signal, request.message, request.metadata) {
        case .success(let response): return response.protobuf()
        case .failure(let refusal): throw Self.error(refusal)
        }
    }

    private func handle(
        _ signal: OTLP.Signal, _ body: [UInt8], _ metadata: Metadata
    ) async -> Result<OTLP.ExportResponse, OTLPRefusal> {
        let identity: Identity
        do {
            // The gate has asked already whether the caller may come in; who it is comes from the same cache.
            identity = try await exchange.writer(
                metadata[stringValues: "authorization"].first { _ in true }, authenticator)
        } catch {
            return .failure(exchange.refusal(signal, error))
        }
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

private struct RawDeserializer: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ serializedMessageBytes: Bytes) throws -> [UInt8] {
        serializedMessageBytes.withUnsafeBytes { [UInt8]($0) }
    }
}

private struct RawSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
        Bytes(message)
    }
}
