import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import NIOHTTPTypesHTTP2

/// How a stream of an HTTP/2 connection becomes a request and takes its answer.
struct HTTP2Stream: Sendable {
    /// A stream that is set up, and has to be handled.
    struct Value: Sendable {
        fileprivate let http: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
        fileprivate let presence: ClientPresence
    }

    private let pipeline: RequestPipeline
    private let limits: ConnectionLimits

    init(pipeline: RequestPipeline, limits: ConnectionLimits) {
        self.pipeline = pipeline
        self.limits = limits
    }

    func setup(channel: any Channel) -> EventLoopFuture<Value> {
        let presence = ClientPresence()
        return channel.eventLoop.makeCompletedFuture { [limits] in
            try channel.pipeline.syncOperations.addHandlers(
                HTTP2FramePayloadToHTTPServerCodec(), StreamGuard(limits: limits, presence: presence))
            return Value(http: try NIOAsyncChannel(wrappingChannelSynchronously: channel), presence: presence)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let conversation = Conversation { [pipeline, presence = value.presence] request, writer, channel in
            try await pipeline.handle(
                pipeline.arrival(request), writer: writer, channel: channel, presence: presence, upgrade: .impossible)
        }
        await conversation.handleHTTP(asyncChannel: value.http, logger: logger)
    }

    /// The loop over requests, of which a stream has one.
    private struct Conversation: HTTPChannelHandler {
        typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

        let responder: Responder

        func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
            channel.eventLoop.makeCompletedFuture { try Value(wrappingChannelSynchronously: channel) }
        }

        func handle(value: Value, logger: Logger) async {
            await handleHTTP(asyncChannel: value, logger: logger)
        }
    }
}
