import Hummingbird

/// Answers the question "does this path have that method?" without running the handler.
///
/// The router tells a wrong method (405) from a wrong path (404) only this way: a probe that reaches a route has its
/// endpoint path set, one that fell through has not.
struct ProbeMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: ServiceContext,
        next: (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        guard context.isProbe else { return try await next(request, context) }
        return Response(status: context.endpointPath == nil ? .notFound : .ok)
    }
}
