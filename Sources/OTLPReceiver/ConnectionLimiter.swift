import NIOCore

/// Accepts at most so many connections at a time; the next waits in the kernel's queue until one has ended.
final class ConnectionLimiter: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private let limit: Int
    private var open = 0
    private var readIsDue = false

    init(limit: Int) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        open += 1
        let closed = unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop)
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
