import NIOCore

/// The guard at the socket's side: sees bytes, keeps the connection's clock and closes what is too slow.
final class ByteGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Tells the guard to answer 503 and close.
    struct Refusal: Sendable {
        let reason: String
    }

    private let watch: ConnectionWatch
    private let presence: ClientPresence
    private let upgrade: ConnectionUpgrade
    private var look: Scheduled<Void>?
    /// Set while a connection that is refused is not registered yet.
    private var refusal: Refusal?

    init(watch: ConnectionWatch, presence: ClientPresence, upgrade: ConnectionUpgrade) {
        self.watch = watch
        self.presence = presence
        self.upgrade = upgrade
    }

    func handlerAdded(context: ChannelHandlerContext) {
        schedule(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        look?.cancel()
        look = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch upgrade.take(unwrapInboundIn(data)) {
        case .pass: break
        case .taken: return
        case .cut:
            context.close(promise: nil)
            return
        }
        watch.bytesRead(unwrapInboundIn(data).readableBytes)
        if watch.lingersTooMuch {
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        watch.readCompleted()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        watch.readRequested()
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let refusal = event as? Refusal {
            self.refusal = refusal
            if context.channel.isActive { refuseIfTold(context) }
            return
        }
        // The kernel tells of it whether or not anybody reads.
        if case ChannelEvent.inputClosed = event {
            presence.leave()
            upgrade.end()
            // In HTTP/2 the end of a client's bytes is the end of the connection, not of a request.
            if watch.isMultiplexed { context.close(promise: nil) }
        }
        if event is ChannelShouldQuiesceEvent { upgrade.end() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelActive(context: ChannelHandlerContext) {
        refuseIfTold(context)
        context.fireChannelActive()
    }

    private func refuseIfTold(_ context: ChannelHandlerContext) {
        guard let refusal else { return }
        self.refusal = nil
        refuse(context, "503 Service Unavailable", refusal.reason)
    }

    func channelInactive(context: ChannelHandlerContext) {
        presence.leave()
        upgrade.end()
        look?.cancel()
        look = nil
        context.fireChannelInactive()
    }

    private func schedule(_ context: ChannelHandlerContext) {
        look = context.eventLoop.assumeIsolated().scheduleTask(in: watch.nextLook()) { [weak self] in
            self?.examine(context)
        }
    }

    private func examine(_ context: ChannelHandlerContext) {
        // A busy loop may look before the connection is registered; once it is gone the handler is removed.
        guard context.channel.isActive else {
            schedule(context)
            return
        }
        let buffered = (try? context.channel.syncOptions?.getOption(ChannelOptions.bufferedWritableBytes)) ?? 0
        switch watch.verdict(buffered: buffered) {
        case .fine: schedule(context)
        case .close: context.close(promise: nil)
        case .timeout(let reason): refuse(context, "408 Request Timeout", reason)
        }
    }

    /// Answers without the HTTP machinery, which is stuck inside a message, and closes.
    func refuse(_ context: ChannelHandlerContext, _ status: String, _ message: String) {
        let text =
            "HTTP/1.1 \(status)\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
            + "Content-Length: \(message.utf8.count + 1)\r\n\r\n\(message)\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }
}
