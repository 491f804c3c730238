import HTTPTypes
package import Wire

extension RPCStatus {
    /// What a failure is called over gRPC.
    package init(_ failure: HTTPFailure) {
        let code: Code =
            switch failure.status.code {
            case 401: .unauthenticated
            case 403: .permissionDenied
            case 404, 405, 501: .unimplemented
            case 408, 504: .deadlineExceeded
            case 413, 429: .resourceExhausted
            case 499: .cancelled
            case 502, 503: .unavailable
            case 500...: .internal
            default: .invalidArgument
            }
        let delay = failure.headers[.retryAfter].flatMap { Int64($0) }
        self.init(code, failure.message, retryAfterMilliseconds: delay.map { $0 * 1000 })
    }
}
