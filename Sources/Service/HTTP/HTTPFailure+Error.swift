import HTTPTypes
package import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2

extension HTTPFailure {
    /// What an error is told as: what nobody is to know goes to the log.
    ///
    /// - Parameters:
    ///   - isClientGone: whether the client has left meanwhile, which breaks much of what is done for it.
    ///   - logger: the request's.
    package init(_ error: any Error, isClientGone: Bool, logger: Logger) {
        switch error {
        case let failure as HTTPFailure: self = failure
        case let saturated as BlockingPool.Saturated: self = .retryLater(.serviceUnavailable, "\(saturated)")
        case is CancellationError where isClientGone:
            self.init(.clientClosedRequest, "the client has closed its side of the connection")
        case is IOError where isClientGone, is ChannelError where isClientGone:
            self.init(.clientClosedRequest, "the connection broke")
        case is NIOHTTP2Errors.StreamClosed:
            self.init(.clientClosedRequest, "the stream was reset before the request was read")
        case is HTTPParserError: self.init(.badRequest, "the request body is malformed or cut short")
        case is CancellationError: self.init(.serviceUnavailable, "the server is stopping")
        default:
            logger.error("request failed", metadata: ["error": .string("\(error)")])
            self.init(.internalServerError, "internal error; the server's log has it under this request's id")
        }
    }
}
