import HTTPTypes
import Hummingbird
import NIOCore
import Service

/// Parameters of a request: from the URL, and for POST from the form in the body too.
struct FormParameters: Sendable {
    private var values: [(name: String, value: String)]
    /// Largest form that is read.
    private static let bodyLimit = 1 << 20

    init(_ request: Request, _ context: ServiceContext) async throws {
        self.init(query: request.uri.query ?? "")
        guard request.method == .post else { return }
        let body = try await requestBody(request, context, limit: Self.bodyLimit)
        values += Service.QueryParameters(encoded: String(buffer: body)).pairs
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
