import NIOCore
import NIOHTTP2

/// The last handler of an HTTP/2 connection: ends it when it is beyond repair. The client has been told why by then.
final class HTTP2Faults: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What is wrong with one stream is no fault of the others.
        if error is NIOHTTP2Errors.StreamError { return }
        context.close(promise: nil)
    }
}
