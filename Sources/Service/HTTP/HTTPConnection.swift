import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// How one accepted connection becomes HTTP: TLS when configured, then the guards around the decoder.
struct HTTPConnection: ServerChildChannel {
    /// A connection that is set up.
    struct Value: ServerChildChannelValue {
        fileprivate let http: HTTP1Channel.Value
        fileprivate let presence: ClientPresence
        fileprivate let upgrade: ConnectionUpgrade

        var channel: any Channel { http.channel }
    }

    private let pipeline: RequestPipeline
    private let security: WebSecurity?
    private let limits: ConnectionLimits

    init(pipeline: RequestPipeline, security: WebSecurity?, limits: ConnectionLimits) {
        self.pipeline = pipeline
        self.security = security
        self.limits = limits
    }

    /// The decoder and the loop over a connection's requests.
    private func http(_ presence: ClientPresence, _ upgrade: ConnectionUpgrade) -> HTTP1Channel {
        HTTP1Channel(
            responder: { [pipeline] request, writer, channel in
                try await pipeline.handle(
                    request, writer: writer, channel: channel, presence: presence, upgrade: upgrade)
            },
            configuration: .init(
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: limits.headerFields)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let limits = limits
        let presence = ClientPresence()
        let upgrade = ConnectionUpgrade()
        let base = http(presence, upgrade)
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let tls = security?.tls { try pipeline.addHandler(tls.handler()) }
            let watch = ConnectionWatch(limits: limits)
            let bytes = ByteGuard(watch: watch, presence: presence, upgrade: upgrade)
            try pipeline.addHandler(bytes)
            upgrade.bind(channel, NIOLoopBound(bytes, eventLoop: channel.eventLoop))
            return NIOLoopBound((watch, bytes), eventLoop: channel.eventLoop)
        }.flatMap { guards in
            base.setup(channel: channel, logger: logger).flatMapThrowing { value in
                let (watch, bytes) = guards.value
                let decoder = try channel.pipeline.syncOperations.handler(
                    type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try channel.pipeline.syncOperations.addHandler(
                    MessageGuard(watch: watch, bytes: bytes), position: .after(decoder))
                return Value(http: value, presence: presence, upgrade: upgrade)
            }
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
        await http(value.presence, value.upgrade).handle(value: value.http, logger: logger)
    }
}
