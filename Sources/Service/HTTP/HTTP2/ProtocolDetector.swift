import NIOCore

/// Tells HTTP/2 from HTTP/1 by a connection's first bytes, and then makes way.
///
/// A client that speaks HTTP/2 begins with a preface (RFC 9113, 3.4) that is no request of HTTP/1, whether it knows by TLS
/// (ALPN) or beforehand that the server understands it.
final class ProtocolDetector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// What the bytes begin.
    enum Version: Equatable {
        case http1
        case http2
    }

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private let found: (Version?) -> Void
    private var bytes = ByteBuffer()
    private var isOver = false

    /// - Parameter found: puts the version's handlers behind this one; called once, with nil when the connection ends before
    ///   it can be told.
    init(_ found: @escaping (Version?) -> Void) {
        self.found = found
    }

    /// What `bytes` begin; nil as long as they may become either.
    static func version(_ bytes: ByteBufferView) -> Version? {
        guard preface.starts(with: bytes.prefix(preface.count)) else { return .http1 }
        return bytes.count >= preface.count ? .http2 : nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else {
            context.fireChannelRead(data)
            return
        }
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        guard bytes.readableBytes > 0, let version = Self.version(bytes.readableBytesView) else { return }
        end(version)
        context.fireChannelRead(wrapInboundOut(bytes))
        bytes = ByteBuffer()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Nothing was asked yet, and nothing more will be answered.
        if !isOver, event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(nil)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(nil) }

    private func end(_ version: Version?) {
        guard !isOver else { return }
        isOver = true
        found(version)
    }
}
