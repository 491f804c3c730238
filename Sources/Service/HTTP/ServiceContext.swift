package import Hummingbird
package import Logging
package import NIOCore

/// What a handler knows about a request beyond the request itself.
package struct ServiceContext: RequestContext {
    /// What the context is made of before the router sees the request.
    package struct Source: RequestContextSource {
        package let logger: Logger
        let id: String
        let identity: Identity
        let peerAddress: SocketAddress?
        let presence: ClientPresence
        let upgrade: ConnectionUpgrade
        let account: RequestAccount
        let blocking: BlockingPool
        let isProbe: Bool
    }

    package var coreContext: CoreRequestContextStorage
    /// The request's id: the client's X-Request-Id when it is sane, else a random one. Sent back in the same field.
    package let id: String
    /// Who sent the request.
    package let identity: Identity
    /// The socket's other end.
    package let peerAddress: SocketAddress?
    /// Memory held for this request until it ends.
    package let account: RequestAccount
    /// Threads for blocking and CPU-heavy work.
    package let blocking: BlockingPool
    private let presence: ClientPresence
    /// How the connection leaves HTTP.
    let upgrade: ConnectionUpgrade
    /// True while the pipeline only asks which methods a path has.
    let isProbe: Bool

    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        id = source.id
        identity = source.identity
        peerAddress = source.peerAddress
        presence = source.presence
        upgrade = source.upgrade
        account = source.account
        blocking = source.blocking
        isProbe = source.isProbe
    }

    /// False once the client has closed the connection or its side of it: whoever works long for it may stop.
    package var isClientConnected: Bool { !presence.isGone }

    /// Runs `body` for as long as the client stays: its task is cancelled when the client goes away first.
    package func whileClientStays<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask { [presence] in
                await presence.waitUntilGone()
                return nil
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let result = finished { return result }
                group.cancelAll()
            }
            throw CancellationError()
        }
    }

    /// The pattern of the route that answers, `/api/v1/label/{name}/values`; nil before routing and when none matched.
    package var route: String? { endpointPath }
}
