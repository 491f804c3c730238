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
        let channel: (any Channel)?
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
    private let channel: (any Channel)?
    /// True while the pipeline only asks which methods a path has.
    let isProbe: Bool

    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        id = source.id
        identity = source.identity
        peerAddress = source.peerAddress
        channel = source.channel
        account = source.account
        blocking = source.blocking
        isProbe = source.isProbe
    }

    /// False once the client has closed the connection: whoever works long for it may stop.
    package var isClientConnected: Bool { channel?.isActive ?? true }

    /// The pattern of the route that answers, `/api/v1/label/{name}/values`; nil before routing and when none matched.
    package var route: String? { endpointPath }
}
