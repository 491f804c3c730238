import HTTPTypes
import Service
import Wire

extension OTLPRefusal {
    /// The refusal that an error of a sink or of the way to it stands for.
    init(_ error: any Error) {
        switch error {
        case let refusal as OTLPRefusal: self = refusal
        case let error as WireError:
            if case .tooLarge = error { self.init(.tooLarge, "\(error)") } else { self.init(.invalid, "\(error)") }
        case let failure as HTTPFailure: self.init(failure)
        case let saturated as BlockingPool.Saturated: self.init(.unavailable, "\(saturated)", retryAfterSeconds: 1)
        case is CancellationError: self.init(.unavailable, "the server is stopping", retryAfterSeconds: 1)
        default: self.init(.failed, "internal error; the server's log has it")
        }
    }

    init(_ failure: HTTPFailure) {
        let delay = failure.headers[.retryAfter].flatMap(Int.init)
        switch failure.status.code {
        case 401: self.init(.unauthenticated, failure.message)
        case 403: self.init(.forbidden, failure.message)
        case 404: self.init(.unimplemented, failure.message)
        case 413: self.init(.tooLarge, failure.message)
        case 429: self.init(.exhausted, failure.message, retryAfterSeconds: delay ?? 1)
        case 502, 503, 504: self.init(.unavailable, failure.message, retryAfterSeconds: delay ?? 1)
        case 500...: self.init(.failed, failure.message)
        default: self.init(.invalid, failure.message)
        }
    }

    /// The HTTP status of the answer.
    var httpStatus: HTTPResponse.Status {
        switch kind {
        case .invalid: .badRequest
        case .tooLarge: .contentTooLarge
        case .exhausted: .tooManyRequests
        case .unavailable: .serviceUnavailable
        case .unimplemented: .notFound
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .failed: .internalServerError
        }
    }

    /// The refusal as a line of text, for formats that have no error of their own.
    var httpFailure: HTTPFailure {
        HTTPFailure(httpStatus, message, headers: retryAfterSeconds.map { [.retryAfter: String($0)] } ?? [:])
    }

    /// The status that OTLP sends over both transports.
    var rpcStatus: RPCStatus {
        let code: RPCStatus.Code =
            switch kind {
            case .invalid: .invalidArgument
            case .tooLarge, .exhausted: .resourceExhausted
            case .unavailable: .unavailable
            case .unimplemented: .unimplemented
            case .unauthenticated: .unauthenticated
            case .forbidden: .permissionDenied
            case .failed: .internal
            }
        return RPCStatus(code, message, retryAfterMilliseconds: retryAfterSeconds.map { Int64($0) * 1000 })
    }
}
