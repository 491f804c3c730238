import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// How one accepted connection becomes HTTP: TLS when configured, then the guards around the decoder.
struct HTTPConnection: ServerChildChannel {
    private let base: HTTP1Channel
    private let security: WebSecurity?
    private let limits: ConnectionLimits

    init(pipeline: RequestPipeline, security: WebSecurity?, limits: ConnectionLimits) {
        self.security = security
        self.limits = limits
        base = HTTP1Channel(
            responder: { request, writer, channel in
                try await pipeline.handle(request, writer: writer, channel: channel)
            },
            configuration: .init(
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: 200)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        let limits = limits
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let tls = security?.tls { try pipeline.addHandler(tls.handler()) }
            let watch = ConnectionWatch(limits: limits)
            let bytes = ByteGuard(watch: watch)
            try pipeline.addHandler(bytes)
            return NIOLoopBound((watch, bytes), eventLoop: channel.eventLoop)
        }.flatMap { guards in
            base.setup(channel: channel, logger: logger).flatMapThrowing { value in
                let (watch, bytes) = guards.value
                let decoder = try channel.pipeline.syncOperations.handler(
                    type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try channel.pipeline.syncOperations.addHandler(
                    MessageGuard(watch: watch, bytes: bytes), position: .after(decoder))
                return value
            }
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
