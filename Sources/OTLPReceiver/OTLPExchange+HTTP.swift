import HTTPTypes
import Hummingbird
import NIOCore
import Service

/// What the HTTP endpoints of all formats share.
extension OTLPExchange {
    private static let tenantHeader = HTTPField.Name("X-Scope-OrgID")

    /// The tenant that a request names, unchecked.
    static func tenant(_ request: Request) -> String? {
        tenantHeader.flatMap { request.headers[$0] }
    }

    /// The decompressed body, as the array of its own that the exchange wants.
    ///
    /// - Throws: `OTLPRefusal` for what is refused in the format's own way, `HTTPFailure` for an encoding that is not known.
    func body(_ request: Request, _ context: ServiceContext) async throws -> [UInt8] {
        do {
            let body = try await requestBody(request, context, limit: limits.requestBytes)
            try context.account.reserve(body.readableBytes)
            return [UInt8](body.readableBytesView)
        } catch let failure as HTTPFailure {
            switch failure.status {
            case .unsupportedMediaType: throw failure
            case .contentTooLarge: throw limits.tooLarge(nil)
            default: throw OTLPRefusal(failure)
            }
        }
    }
}
