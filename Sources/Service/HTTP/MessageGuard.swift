import NIOCore
import NIOHTTP1

/// The guard behind the HTTP decoder: sees messages, answers what the decoder refuses, and ends connections that are
/// not to be kept.
final class MessageGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let watch: ConnectionWatch
    private let bytes: ByteGuard

    init(watch: ConnectionWatch, bytes: ByteGuard) {
        self.watch = watch
        self.bytes = bytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): watch.requestHead(head)
        case .body: break
        case .end: watch.requestEnd()
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let problem = error as? HTTPParserError, !watch.isBusy,
            let socket = try? context.pipeline.syncOperations.context(handler: bytes)
        else {
            context.fireErrorCaught(error)
            return
        }
        if problem == .headerOverflow {
            bytes.refuse(socket, "431 Request Header Fields Too Large", "the request header is too large")
        } else {
            bytes.refuse(socket, "400 Bad Request", "malformed HTTP request: \(problem.debugDescription)")
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200 && watch.closesAfterResponse:
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            switch watch.responseEnd() {
            case .stay:
                context.write(data, promise: promise)
            case .close:
                context.write(data).assumeIsolated().whenComplete { _ in
                    promise?.succeed()
                    context.close(promise: nil)
                }
            }
        default:
            context.write(data, promise: promise)
        }
    }
}
