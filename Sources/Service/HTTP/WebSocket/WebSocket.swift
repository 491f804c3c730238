import Crypto
import HTTPTypes
package import Hummingbird
import MartletCore
import NIOCore

/// A WebSocket (RFC 6455) on which the server talks and the client listens: texts go out, and of what comes in only pings
/// and the close matter.
package struct WebSocket: Sendable {
    /// How a conversation ends.
    package enum Ending: Sendable {
        /// All was said: 1000.
        case done
        /// The server stops, or the client is gone: 1001.
        case goingAway
        /// The server cannot go on, for this reason: 1011.
        case failed(String)
    }

    private let connection: ConnectionUpgrade

    /// Sends a text; returns when the connection has taken it.
    package func send(_ text: [UInt8]) async throws { try await connection.write(WebSocketFrame(.text, text).bytes) }

    /// Sends a ping.
    package func ping() async throws { try await connection.write(WebSocketFrame(.ping, []).bytes) }

    private static let version = "13"
    private static let messageLimit = 64 << 10
    /// What the key is hashed with (RFC 6455, 1.3).
    private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Whether the request asks for a WebSocket.
    package static func isWanted(by request: Request) -> Bool {
        request.headers[.upgrade]?.lowercased() == "websocket" && request.method == .get
    }

    /// The answer that opens a WebSocket and lets `body` talk on it. `body` is cancelled when the client goes away or closes,
    /// or the server stops; how it ends is told to the client.
    package static func answer(
        _ request: Request, _ context: ServiceContext,
        _ body: @escaping @Sendable (WebSocket) async -> Ending
    ) throws(HTTPFailure) -> Response {
        guard isWanted(by: request), let name = HTTPField.Name("Sec-WebSocket-Key"), let key = request.headers[name]
        else { throw HTTPFailure(.badRequest, "this path speaks WebSocket: the request must ask for an upgrade") }
        guard let name = HTTPField.Name("Sec-WebSocket-Version"), request.headers[name] == version else {
            throw HTTPFailure(.badRequest, "the WebSocket version must be \(version)")
        }
        guard let inbound = context.upgrade.divert() else {
            throw HTTPFailure(.badRequest, "the connection is no longer HTTP")
        }
        var headers: HTTPFields = [.upgrade: "websocket", .connection: "Upgrade"]
        if let name = HTTPField.Name("Sec-WebSocket-Accept") { headers[name] = accept(key) }
        return Response(
            status: .switchingProtocols, headers: headers,
            body: ResponseBody { [upgrade = context.upgrade] writer in
                await converse(upgrade, inbound, body)
                try await writer.finish(nil)
                upgrade.close()
            })
    }

    /// Talks until one side has had enough, and says goodbye.
    private static func converse(
        _ connection: ConnectionUpgrade, _ inbound: AsyncStream<ByteBuffer>,
        _ body: @escaping @Sendable (WebSocket) async -> Ending
    ) async {
        let close = await withTaskGroup(of: WebSocketFrame?.self) { group in
            group.addTask { await body(WebSocket(connection: connection)).frame }
            group.addTask { await listen(connection, inbound) }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let close { try? await connection.write(close.bytes) }
    }

    /// Answers pings until the client closes or goes away; gives what it is to be told then.
    private static func listen(
        _ connection: ConnectionUpgrade, _ inbound: AsyncStream<ByteBuffer>
    ) async -> WebSocketFrame? {
        var reader = WebSocketFrameReader(limit: messageLimit)
        for await bytes in inbound {
            connection.consumed(bytes.readableBytes)
            reader.append(bytes.readableBytesView)
            do throws(WebSocketFrameReader.Violation) {
                while let frame = try reader.next() {
                    switch frame.opcode {
                    case .ping: try? await connection.write(WebSocketFrame(.pong, frame.payload).bytes)
                    // The code comes back, as the protocol wants it.
                    case .close: return WebSocketFrame(.close, Array(frame.payload.prefix(2)))
                    case .pong, .text, .binary, .continuation: break
                    }
                }
            } catch {
                return switch error {
                case .protocolError(let reason): .close(1002, reason)
                case .tooLarge: .close(1009, "the message is too large")
                }
            }
        }
        return Ending.goingAway.frame
    }

    /// What the client's key is answered with.
    package static func accept(_ key: String) -> String {
        let digest = Insecure.SHA1.hash(data: Array((key + guid).utf8))
        return Array(digest).withUnsafeBytes { String(decoding: Base64.encode($0), as: UTF8.self) }
    }
}

extension WebSocket.Ending {
    fileprivate var frame: WebSocketFrame {
        switch self {
        case .done: .close(1000, "")
        case .goingAway: .close(1001, "")
        case .failed(let reason): .close(1011, reason)
        }
    }
}
