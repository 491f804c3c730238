import HummingbirdCore
import Logging
import NIOCore

/// How one accepted connection becomes HTTP.
struct HTTPConnection: ServerChildChannel {
    private let base: HTTP1Channel

    init(pipeline: RequestPipeline) {
        base = HTTP1Channel(
            responder: { request, writer, channel in
                try await pipeline.handle(request, writer: writer, channel: channel)
            },
            configuration: .init(
                idleTimeout: .seconds(300),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 32 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 200)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger)
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
