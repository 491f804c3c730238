import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP2
import NIOHTTPTypes

/// The streams of a connection that speaks HTTP/2: each is one request and its answer.
struct HTTP2Connection {
    /// The streams that the client opens.
    typealias Streams = NIOHTTP2Handler.AsyncStreamMultiplexer<HTTP2Stream.Value>

    private let stream: HTTP2Stream
    private let limits: ConnectionLimits

    init(pipeline: RequestPipeline, limits: ConnectionLimits) {
        stream = HTTP2Stream(pipeline: pipeline, limits: limits)
        self.limits = limits
    }

    /// Puts HTTP/2 behind the handlers that a channel has; to be called on its event loop.
    func setup(_ channel: any Channel, logger: Logger) throws -> Streams {
        var http2 = NIOHTTP2Handler.Configuration()
        http2.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerBytes),
        ]
        http2.connection.controlFrameRateLimit.maximumCount = limits.controlFrames
        http2.stream.streamResetFrameRateLimit.maximumCount = limits.resets
        http2.stream.outboundBufferSizeHighWatermark = 64 << 10
        http2.stream.outboundBufferSizeLowWatermark = 32 << 10
        let streams = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
            mode: .server,
            connectionManagerConfiguration: .init(
                maxIdleTime: TimeAmount(limits.idle), maxAge: nil, maxGraceTime: nil,
                // A client that is there answers, and is not taken for one that has gone.
                keepalive: .init(
                    pingInterval: TimeAmount(limits.idle / 3), ackTimeout: TimeAmount(limits.idle / 3))),
            http2HandlerConfiguration: http2
        ) { [stream] channel in
            stream.setup(channel: channel)
        }
        try channel.pipeline.syncOperations.addHandler(HTTP2Faults())
        // The connection was open before these handlers were there: they start their clocks.
        try channel.pipeline.syncOperations.context(handlerType: NIOHTTP2Handler.self).fireChannelActive()
        return streams
    }

    /// Answers until the connection is closed; when the task is cancelled, closes it.
    func handle(_ streams: Streams, channel: any Channel, logger: Logger) async {
        // A stream that is set up has to be handled, so that nothing may end the loop before its sequence does.
        let serving = Task { [stream] in
            await withDiscardingTaskGroup { group in
                do {
                    for try await value in streams.inbound {
                        group.addTask { await stream.handle(value: value, logger: logger) }
                    }
                } catch {
                    logger.debug("an HTTP/2 connection broke", metadata: ["error": .string("\(error)")])
                }
                // Whoever still works does so for a client that has gone.
                group.cancelAll()
            }
        }
        await withTaskCancellationHandler {
            await serving.value
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}
