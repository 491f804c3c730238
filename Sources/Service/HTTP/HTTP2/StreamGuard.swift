import HTTPTypes
import NIOCore
import NIOHTTP2
import NIOHTTPTypes
import NIOHTTPTypesHTTP2

/// The guard of one HTTP/2 stream, as ``ByteGuard`` and ``MessageGuard`` are those of an HTTP/1 connection: keeps its clock,
/// tells whether the client is still there, and resets what is too slow or malformed.
final class StreamGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let watch: ConnectionWatch
    private let presence: ClientPresence
    private var look: Scheduled<Void>?
    /// Bytes of the answer that the client's window, or the connection, has not taken yet.
    private var buffered = 0
    private var isReadingBody = false
    private var isReset = false

    /// Answers are handed on in pieces, so that it is seen whether a client takes any.
    private static let pieceBytes = 32 << 10

    init(limits: ConnectionLimits, presence: ClientPresence) {
        watch = ConnectionWatch(limits: limits)
        self.presence = presence
    }

    func handlerAdded(context: ChannelHandlerContext) { schedule(context) }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        look?.cancel()
        look = nil
        presence.leave()
    }

    // MARK: The request

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isReset else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.method != .connect, head.path?.first == "/" || head.path == "*" else {
                reset(context, .protocolError)
                return
            }
            isReadingBody = true
            watch.requestHead(isKeepAlive: false)
        case .body(let bytes): watch.bytesRead(bytes.readableBytes)
        case .end:
            isReadingBody = false
            watch.requestEnd()
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

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Fields that are none; what is wrong with the connection has closed the stream already.
        reset(context, .protocolError)
        context.fireErrorCaught(error)
    }

    // MARK: The answer

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if head.status.code >= 200 { watch.responseHead() }
            Self.connectionFields.forEach { head.headerFields[$0] = nil }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let bytes): write(context, bytes, promise)
        case .end:
            _ = watch.responseEnd()
            let isEarly = isReadingBody
            context.write(data, promise: promise)
            // The rest of the request is not wanted (RFC 9113, 8.1).
            if isEarly {
                context.flush()
                reset(context, .noError)
            }
        }
    }

    /// What means something to an HTTP/1 connection only (RFC 9113, 8.2.2).
    private static let connectionFields: [HTTPField.Name] =
        [.connection, .transferEncoding, .upgrade]
        + ["Keep-Alive", "Proxy-Connection"].compactMap { HTTPField.Name($0) }

    private func write(_ context: ChannelHandlerContext, _ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
        var rest = bytes
        buffered += bytes.readableBytes
        while rest.readableBytes > Self.pieceBytes, let piece = rest.readSlice(length: Self.pieceBytes) {
            let taken = context.write(wrapOutboundOut(.body(piece)))
            count(piece.readableBytes, taken)
        }
        let last = context.write(wrapOutboundOut(.body(rest)))
        count(rest.readableBytes, last)
        if let promise { last.cascade(to: promise) }
    }

    private func count(_ bytes: Int, _ taken: EventLoopFuture<Void>) {
        taken.assumeIsolated().whenComplete { [self] _ in buffered -= bytes }
    }

    // MARK: The clock

    private func schedule(_ context: ChannelHandlerContext) {
        look = context.eventLoop.assumeIsolated().scheduleTask(in: watch.nextLook()) { [weak self] in
            self?.examine(context)
        }
    }

    private func examine(_ context: ChannelHandlerContext) {
        guard !isReset else { return }
        switch watch.verdict(buffered: buffered) {
        case .fine: schedule(context)
        case .close: reset(context, .cancel)
        case .timeout(let reason):
            let text = ByteBuffer(string: reason + "\n")
            let fields: HTTPFields = [
                .contentType: "text/plain; charset=utf-8", .contentLength: "\(text.readableBytes)",
            ]
            let head = HTTPResponse(status: .requestTimeout, headerFields: fields)
            for part in [HTTPResponsePart.head(head), .body(text), .end(nil)] {
                context.write(wrapOutboundOut(part), promise: nil)
            }
            context.flush()
            reset(context, .noError)
        }
    }

    private func reset(_ context: ChannelHandlerContext, _ code: NIOHTTP2.HTTP2ErrorCode) {
        guard !isReset else { return }
        isReset = true
        context.triggerUserOutboundEvent(NIOHTTP2FramePayloadToHTTPEvent.reset(code: code), promise: nil)
    }
}
