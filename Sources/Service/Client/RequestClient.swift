package import AsyncHTTPClient
package import NIOCore

/// What sends a request: the client that all share, or one with settings of its own.
package protocol RequestClient: Sendable {
    /// The answer's head; its body follows as it comes. Throws when there is none before the deadline.
    func answer(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse
}

extension HTTPClient: RequestClient {
    package func answer(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse {
        try await execute(request, deadline: deadline)
    }
}

extension ConfiguredClient: RequestClient {
    package func answer(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse {
        try await execute(request, deadline: deadline)
    }
}
