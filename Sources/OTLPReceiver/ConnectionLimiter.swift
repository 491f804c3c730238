import NIOCore
import Service

/// Accepts at most so many connections at a time; the next waits in the kernel's queue until one has ended. A client that
/// has as many as one may gets no more.
final class ConnectionLimiter: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private let limit: Int
    private let clients: ClientConnections?
    private var open = 0
    private var readIsDue = false

    init(limit: Int, clients: ClientConnections?) {
        self.limit = limit
        self.clients = clients
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let connection = unwrapInboundIn(data)
        if let clients, !clients.admit(connection) {
            connection.close(promise: nil)
            return
        }
        open += 1
        let closed = connection.closeFuture.hop(to: context.eventLoop)
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        closed.whenComplete { _ in
            let (limiter, context) = loopBound.value
            limiter.connectionClosed(context)
        }
        context.fireChannelRead(data)
    }

    private func connectionClosed(_ context: ChannelHandlerContext) {
        open -= 1
        guard readIsDue, open < limit else { return }
        readIsDue = false
        context.read()
    }

    func read(context: ChannelHandlerContext) {
        if open < limit { context.read() } else { readIsDue = true }
    }
}
