import HTTPTypes
import Hummingbird
import Service

/// Adds routes of which each says who may use it: there is no other way to a handler that knows its caller.
struct APIRoutes {
    let router: Router<ServiceContext>
    let door: AccountRoutes

    /// - Parameter role: what a caller must at least be.
    func on(
        _ method: HTTPRequest.Method, _ path: RouterPath, for role: Role,
        _ handler: @escaping @Sendable (Call) async throws -> Response
    ) {
        router.on(path, method: method) { [door] request, context in
            try await door.authorised(request, context, needs: role, handler)
        }
    }
}
