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
    private var isRefused = false

    init(watch: ConnectionWatch, bytes: ByteGuard) {
        self.watch = watch
        self.bytes = bytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What follows a refused head on its way to the close is nobody's.
        guard !isRefused else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if let fault = Self.fault(head) {
                isRefused = true
                refuse(context, "400 Bad Request", fault)
                return
            }
            watch.requestHead(isKeepAlive: head.isKeepAlive)
        case .body: break
        case .end: watch.requestEnd()
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let problem = error as? HTTPParserError, !watch.isBusy else {
            context.fireErrorCaught(error)
            return
        }
        if problem == .headerOverflow {
            refuse(context, "431 Request Header Fields Too Large", "the request header is too large")
        } else {
            refuse(context, "400 Bad Request", "malformed HTTP request: \(problem.debugDescription)")
        }
    }

    /// Answers and closes; only closes while an earlier request of the connection is still being answered.
    private func refuse(_ context: ChannelHandlerContext, _ status: String, _ message: String) {
        guard !watch.isBusy, let socket = try? context.pipeline.syncOperations.context(handler: bytes) else {
            context.close(promise: nil)
            return
        }
        bytes.refuse(socket, status, message)
    }

    /// What the decoder lets pass, or finds only behind the head, although RFC 9112 (3.2, 6.1) wants it refused before the
    /// request is acted on.
    private static func fault(_ head: HTTPRequestHead) -> String? {
        let hosts = head.headers["Host"].count
        if hosts > 1 { return "more than one Host field" }
        if hosts == 0, head.version == .http1_1 { return "the Host field is missing" }
        let codings = head.headers["Transfer-Encoding"]
        if codings.count > 1 || codings.first.map({ $0.lowercased() != "chunked" }) == true {
            return "the only transfer coding is chunked, once"
        }
        return nil
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            watch.responseHead()
            guard watch.closesAfterResponse else {
                context.write(data, promise: promise)
                return
            }
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
