import Hummingbird
import MartletCore
import Service

/// A request of a caller who may make it.
struct Call: Sendable {
    let request: Request
    let context: ServiceContext
    let caller: Caller

    /// The parameters of the address.
    var query: QueryParameters { QueryParameters(request) }

    /// A name out of the path; empty when the route has none of this name.
    func name(_ parameter: String) -> String {
        context.parameters.get(parameter).map { QueryParameters.decoded(pathComponent: $0) } ?? ""
    }

    /// A number out of the path.
    /// - Throws: ``HTTPFailure`` 400 for anything else.
    func number(_ parameter: String) throws(HTTPFailure) -> Int64 {
        guard let number = Int64(name(parameter)) else {
            throw HTTPFailure(.badRequest, "\(parameter) must be a number")
        }
        return number
    }

    /// The body as a JSON object.
    /// - Parameter limit: largest body in bytes.
    func object(limit: Int = 64 << 10) async throws -> JSONValue {
        try await JSONAnswer.object(request, context, limit: limit)
    }

    /// How many things a page of a list has, and how many come before it.
    func page(size name: String, usual: Int, most: Int) -> (size: Int, skipped: Int) {
        let query = query
        let size = min(most, max(1, query[name].flatMap(Int.init) ?? usual))
        let page = max(1, query["page"].flatMap(Int.init) ?? 1)
        return (size, (page - 1).multipliedOrMax(by: size))
    }
}

extension Int {
    /// The product, or the greatest number when it would not fit.
    fileprivate func multipliedOrMax(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
