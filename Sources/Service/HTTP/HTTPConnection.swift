import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// How one accepted connection becomes HTTP: TLS when configured, then the guards around the decoder. Where HTTP/2 is
/// spoken too, the client's first bytes decide.
struct HTTPConnection: ServerChildChannel {
    /// A connection that is set up, as far as it can be before the client says something.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        /// nil when the connection has ended without a word.
        fileprivate let conversation: EventLoopFuture<Conversation?>
    }

    /// What is spoken.
    fileprivate enum Conversation: Sendable {
        case http1(HTTP1Channel.Value, ClientPresence, ConnectionUpgrade)
        case http2(HTTP2Connection.Streams)
    }

    private let pipeline: RequestPipeline
    private let security: WebSecurity?
    private let limits: ConnectionLimits
    /// nil where only HTTP/1 is spoken.
    private let http2: HTTP2Connection?

    init(pipeline: RequestPipeline, security: WebSecurity?, limits: ConnectionLimits, speaksHTTP2: Bool) {
        self.pipeline = pipeline
        self.security = security
        self.limits = limits
        http2 = speaksHTTP2 ? HTTP2Connection(pipeline: pipeline, limits: limits) : nil
    }

    /// The decoder and the loop over a connection's requests.
    private func http(_ presence: ClientPresence, _ upgrade: ConnectionUpgrade) -> HTTP1Channel {
        HTTP1Channel(
            responder: { [pipeline] request, writer, channel in
                let arrival = pipeline.arrival(request)
                var writer: ResponseWriter? = consume writer
                try await withTaskExecutorPreference(arrival.executor) {
                    // Always there: a closure cannot consume what it captures in any other way.
                    guard let writer = writer.take() else { return }
                    try await pipeline.handle(
                        arrival, writer: writer, channel: channel, presence: presence, upgrade: upgrade)
                }
            },
            configuration: .init(
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: limits.headerFields)))
    }

    /// The guards of a connection, which live on its event loop.
    private struct Guards {
        let watch: ConnectionWatch
        let bytes: ByteGuard
        let presence: ClientPresence
        let upgrade: ConnectionUpgrade
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let tls = security?.tls {
                try pipeline.addHandler(tls.handler(for: http2 == nil ? .http1 : .both))
            }
            let (watch, presence, upgrade) = (ConnectionWatch(limits: limits), ClientPresence(), ConnectionUpgrade())
            let bytes = ByteGuard(watch: watch, presence: presence, upgrade: upgrade)
            try pipeline.addHandler(bytes)
            upgrade.bind(channel, NIOLoopBound(bytes, eventLoop: channel.eventLoop))
            let guards = Guards(watch: watch, bytes: bytes, presence: presence, upgrade: upgrade)
            guard let http2 else { return Value(channel: channel, conversation: speakHTTP1(channel, guards, logger)) }
            let promise = channel.eventLoop.makePromise(of: Conversation?.self)
            try pipeline.addHandler(
                ProtocolDetector { version in
                    switch version {
                    case nil: promise.succeed(nil)
                    case .http1: promise.completeWith(speakHTTP1(channel, guards, logger))
                    case .http2:
                        guards.watch.multiplex()
                        promise.completeWith(Result { .http2(try http2.setup(channel, logger: logger)) })
                    }
                })
            return Value(channel: channel, conversation: promise.futureResult)
        }
    }

    /// Puts HTTP/1 behind the guards; to be called on the event loop.
    private func speakHTTP1(
        _ channel: any Channel, _ guards: Guards, _ logger: Logger
    ) -> EventLoopFuture<Conversation?> {
        let guarding = NIOLoopBound((guards.watch, guards.bytes), eventLoop: channel.eventLoop)
        let (presence, upgrade) = (guards.presence, guards.upgrade)
        return http(presence, upgrade).setup(channel: channel, logger: logger).flatMapThrowing { value in
            let (watch, bytes) = guarding.value
            let decoder = try channel.pipeline.syncOperations.handler(
                type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try channel.pipeline.syncOperations.addHandler(
                MessageGuard(watch: watch, bytes: bytes), position: .after(decoder))
            return .http1(value, presence, upgrade)
        }
    }

    /// Ends a connection that is not to be served, with the reason where that can be said at once.
    func refuse(_ value: Value, _ reason: String) {
        guard security?.tls == nil else {
            value.channel.close(promise: nil)
            return
        }
        value.channel.pipeline.fireUserInboundEventTriggered(ByteGuard.Refusal(reason: reason))
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.conversation.get() {
            case .http1(let http1, let presence, let upgrade):
                await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
                    await http(presence, upgrade).handle(value: http1, logger: logger)
                }
            case .http2(let streams): await http2?.handle(streams, channel: value.channel, logger: logger)
            case nil: break
            }
        } catch {
            logger.debug("a connection cannot be set up", metadata: ["error": .string("\(error)")])
            value.channel.close(promise: nil)
        }
    }
}
