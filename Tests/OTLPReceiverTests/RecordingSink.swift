import MartletCore
import OTLPReceiver
import Service
import Wire

/// A sink that keeps what it gets and answers, or refuses, as it is told.
final class RecordingSink: OTLPSink {
    struct State {
        var traces: [OTLP.Traces] = []
        var logs: [OTLP.Logs] = []
        var tenants: [String?] = []
        var identities: [String?] = []
        var raw: [[UInt8]] = []
        var partial = OTLP.PartialSuccess.full
        var refusal: (any Error)?
    }

    let state = Lock(State())

    init(partial: OTLP.PartialSuccess = .full, refusal: (any Error)? = nil) {
        state.withLock {
            $0.partial = partial
            $0.refusal = refusal
        }
    }

    func receive(traces request: OTLPRequest<OTLP.Traces>) async throws -> OTLP.PartialSuccess {
        let message = try request.message()
        return try state.withLock { state in
            if let refusal = state.refusal { throw refusal }
            state.traces.append(message)
            state.tenants.append(request.tenant)
            state.identities.append(request.identity.name)
            return state.partial
        }
    }

    func receive(logs request: OTLPRequest<OTLP.Logs>) async throws -> OTLP.PartialSuccess {
        let raw = try request.protobuf()
        state.withLock { $0.raw.append(raw) }
        return .full
    }
}
