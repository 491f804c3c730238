import GRPCCore
import MartletCore
import Service
import Wire

/// What the server's calls do. They see only requests that ``OTLPGRPCGate`` has let through.
struct OTLPGRPCCalls: RegistrableRPCService {
    let calls: [GRPCExport]
    let exchange: OTLPExchange
    let memory: MemoryBudget
    let blocking: BlockingPool
    let authenticator: Authenticator?

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        for call in calls {
            router.registerHandler(
                forMethod: MethodDescriptor(fullyQualifiedService: call.service, method: call.method),
                deserializer: RawDeserializer(), serializer: RawSerializer()
            ) { stream, _ in
                let request = try await ServerRequest(stream: stream)
                let message = try await export(call, request)
                return StreamingServerResponse(single: ServerResponse(message: message))
            }
        }
    }

    private func export(_ call: GRPCExport, _ request: ServerRequest<[UInt8]>) async throws(RPCError) -> [UInt8] {
        switch await handle(call, request.message, request.metadata) {
        case .success(let response): return call.answer(response)
        case .failure(let refusal): throw Self.error(refusal)
        }
    }

    private func handle(
        _ call: GRPCExport, _ body: [UInt8], _ metadata: Metadata
    ) async -> Result<OTLP.ExportResponse, OTLPRefusal> {
        let identity: Identity
        do {
            // The gate has asked already whether the caller may come in; who it is comes from the same cache.
            identity = try await exchange.writer(
                metadata[stringValues: "authorization"].first { _ in true }, authenticator)
        } catch {
            return .failure(exchange.refusal(call.signal, error))
        }
        let tenant = metadata[stringValues: "x-scope-orgid"].first { _ in true }
        switch call {
        case .otlp(let signal):
            return await exchange.respond(signal, body, json: false, tenant: tenant, identity: identity)
        case .jaegerSpans:
            return await exchange.respond(
                .jaegerProtobuf, body, tenant: tenant, identity: identity, account: RequestAccount(memory),
                blocking: blocking)
        }
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
