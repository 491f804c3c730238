import HTTPTypes
import PromQL

/// A refusal as Prometheus' HTTP API tells it.
struct APIError: Error {
    let status: HTTPResponse.Status
    /// Prometheus' `errorType`.
    let type: String
    let message: String

    static func badData(_ message: String) -> APIError {
        APIError(status: .badRequest, type: "bad_data", message: message)
    }

    static func badParameter(_ name: String, _ reason: String) -> APIError {
        badData("invalid parameter \"\(name)\": \(reason)")
    }

    init(status: HTTPResponse.Status, type: String, message: String) {
        self.status = status
        self.type = type
        self.message = message
    }

    init(_ error: QueryError) {
        type = error.kind.rawValue
        message = error.message
        switch error.kind {
        case .badData: status = .badRequest
        case .execution: status = .unprocessableContent
        case .canceled: status = HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
        case .timeout: status = .serviceUnavailable
        case .internal: status = .internalServerError
        }
    }
}
