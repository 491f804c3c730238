import HTTPTypes
import Hummingbird
import NIOCore
import Service

/// Parameters of a request: from the URL, and for POST from the form in the body too.
struct FormParameters: Sendable {
    /// Largest form that is read.
    private static let bodyLimit = 1 << 20

    private let values: [(name: String, value: String)]

    init(_ request: Request, _ context: ServiceContext) async throws {
        let inURL = Service.QueryParameters(request).pairs
        guard request.method == .post else {
            values = inURL
            return
        }
        let body = try await requestBody(request, context, limit: Self.bodyLimit)
        values = inURL + Service.QueryParameters(encoded: String(buffer: body)).pairs
    }

    /// Parameters in a query string.
    init(query: String) { values = Service.QueryParameters(encoded: query).pairs }

    /// The first value of a parameter; nil when it is absent or empty.
    subscript(_ name: String) -> String? {
        values.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// All values of a parameter.
    func all(_ name: String) -> [String] {
        values.filter { $0.name == name }.map(\.value)
    }
}
