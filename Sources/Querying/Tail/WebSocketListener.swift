import MartletCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Peers
import Service

/// A WebSocket (RFC 6455) on which the server talks and we listen.
struct WebSocketListener: Sendable {
    /// How a conversation that had begun ended, in words that go on after the server's name.
    typealias Ending = String

    private typealias Frame = NIOWebSocket.WebSocketFrame

    private enum Answer {
        case open(NIOAsyncChannel<Frame, Frame>)
        case refusal(NIOAsyncChannel<HTTPClientResponsePart, Never>)
    }

    private static let messageBytes = 64 << 20
    private static let pingInterval = Duration.seconds(10)
    /// A server, or what stands between, that says nothing for so long is gone.
    private static let silenceLimit = Duration.seconds(30)

    let peer: Peer
    let address: ServerAddress

    /// Opens the socket, and gives each message to `receive` until the server has no more to say.
    /// - Parameters:
    ///   - target: path and query, behind the prefix of the server's URL.
    ///   - fields: further fields of the request.
    ///   - opened: called once the server has agreed; what it sends meanwhile waits.
    /// - Throws: ``ServerTrouble`` where there is no socket; what the closures throw.
    func run(
        _ target: String, fields: [(name: String, value: String)], opened: () async throws -> Void,
        receive: (_ message: [UInt8]) async throws -> Void
    ) async throws -> Ending {
        switch try await connect(target, fields) {
        case .open(let channel):
            return try await channel.executeThenClose { inbound, outbound in
                try await opened()
                return try await Self.listen(channel.channel, inbound, outbound, receive)
            }
        case .refusal(let channel):
            let answer = try? await withTimeLimit(Self.silenceLimit) { try await Self.refusal(channel) }
            guard let answer else { throw trouble("the answer broke off") }
            if answer.status < 400 { throw trouble(Self.noSocket) }
            throw ServerTrouble(peer, target.prefix { $0 != "?" }, answer)
        }
    }

    // MARK: Opening

    private func connect(_ target: String, _ fields: [(name: String, value: String)]) async throws -> Answer {
        do {
            let tls = address.isTLS ? try NIOSSLContext(configuration: peer.client.tlsConfiguration) : nil
            let answer = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.seconds(10))
                .connect(host: address.host, port: address.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls { try channel.pipeline.syncOperations.addHandler(handler(tls)) }
                        let answer = try upgrade(channel, target, fields)
                        let limit = channel.eventLoop.scheduleTask(in: .init(Self.silenceLimit)) {
                            channel.close(promise: nil)
                        }
                        answer.whenComplete { _ in limit.cancel() }
                        return answer
                    }
                }
            return try await answer.get()
        } catch {
            throw trouble(Self.words(error))
        }
    }

    private func trouble(_ reason: String) -> ServerTrouble { ServerTrouble("\(peer.url): \(reason)", mayPass: true) }

    private func handler(_ tls: NIOSSLContext) throws -> NIOSSLClientHandler {
        // The certificate of a server that has only an address is checked against that.
        let isName = (try? SocketAddress(ipAddress: address.host, port: address.port)) == nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isName ? address.host : nil)
    }

    private func upgrade(
        _ channel: any Channel, _ target: String, _ fields: [(name: String, value: String)]
    ) throws -> EventLoopFuture<Answer> {
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: address.prefix + target)
        head.headers.add(name: "Host", value: address.authority)
        head.headers.add(name: "User-Agent", value: "Martlet/\(BuildVersion.number)")
        for (name, value) in peer.headers + fields { head.headers.replaceOrAdd(name: name, value: value) }
        let upgrader = NIOTypedWebSocketClientUpgrader<Answer>(maxFrameSize: Self.messageBytes) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: Self.messageBytes,
                        maxAccumulatedFrameSize: Self.messageBytes))
                return .open(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
            }
        }
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: .init(
                upgradeConfiguration: .init(
                    upgradeRequestHead: head, upgraders: [upgrader],
                    notUpgradingCompletionHandler: { channel in
                        channel.eventLoop.makeCompletedFuture {
                            .refusal(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                        }
                    })))
    }

    /// What the server said in place of agreeing.
    private static func refusal(
        _ channel: NIOAsyncChannel<HTTPClientResponsePart, Never>
    ) async throws -> Peer.Answer {
        try await channel.executeThenClose { inbound in
            var status = 0
            var body: [UInt8] = []
            for try await part in inbound {
                switch part {
                case .head(let head): status = Int(head.status.code)
                case .body(let bytes): body += bytes.readableBytesView
                case .end: return Peer.Answer(status: status, body: body)
                }
                if body.count > 64 << 10 { break }
            }
            return Peer.Answer(status: status, body: body)
        }
    }

    // MARK: Listening

    private static func listen(
        _ channel: any Channel, _ inbound: NIOAsyncChannelInboundStream<Frame>,
        _ outbound: NIOAsyncChannelOutboundWriter<Frame>, _ receive: (_ message: [UInt8]) async throws -> Void
    ) async throws -> Ending {
        // Nil while a message is worked on: then nobody listens, and there is nothing to be said of the server.
        let heard = Lock<ContinuousClock.Instant?>(.now)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: pingInterval)
                    if let last = heard.withLock({ $0 }), last.duration(to: .now) > silenceLimit {
                        return channel.close(promise: nil)
                    }
                    // What keeps it from being written ends the reading, too.
                    try? await outbound.write(frame(.ping, ByteBuffer()))
                }
            }
            defer { group.cancelAll() }
            var frames = inbound.makeAsyncIterator()
            while true {
                let next: Frame?
                do {
                    next = try await frames.next()
                } catch {
                    return words(error)
                }
                guard let next else { break }
                switch next.opcode {
                case .text, .binary:
                    heard.withLock { $0 = nil }
                    try await receive(Array(next.unmaskedData.readableBytesView))
                case .ping: try? await outbound.write(frame(.pong, next.unmaskedData))
                case .connectionClose:
                    try? await outbound.write(frame(.connectionClose, next.unmaskedData))
                    return ending(next.unmaskedData)
                default: break
                }
                heard.withLock { $0 = .now }
            }
            let last = heard.withLock { $0 } ?? .now
            return last.duration(to: .now) > silenceLimit
                ? "nothing heard for \(silenceLimit.components.seconds) s" : brokenOff
        }
    }

    /// A frame as a client sends it.
    private static func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> Frame {
        Frame(fin: true, opcode: opcode, maskKey: .random(), data: data)
    }

    /// What a close frame says (RFC 6455, 5.5.1).
    private static func ending(_ payload: ByteBuffer) -> Ending {
        var payload = payload
        let code = payload.readInteger(as: UInt16.self)
        let reason = PlainText.line(String(buffer: payload))
        if !reason.isEmpty { return reason }
        return switch code {
        case nil, 1000: "the server has ended it"
        case 1001: "the server stops"
        case let code?: "the server has ended it with code \(code)"
        }
    }

    private static let brokenOff = "the connection broke off"
    private static let noSocket = "it does not speak WebSocket there"

    private static func words(_ error: any Error) -> String {
        if let reason = ConnectionFailure.reason(error) { return reason }
        return switch error {
        case ChannelError.connectTimeout: "no answer within the time"
        // What the handler of the upgrade says when the connection ends before there is an answer.
        case ChannelError.inappropriateOperationForState: "the connection ended without an answer"
        case is NIOHTTPClientUpgradeError: noSocket
        case ChannelError.eof, ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, NIOSSLError.uncleanShutdown:
            brokenOff
        default: PlainText.line("\(error)")
        }
    }
}
