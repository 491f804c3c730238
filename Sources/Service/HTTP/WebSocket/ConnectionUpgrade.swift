import MartletCore
import NIOCore

/// Takes a connection out of HTTP: from then on the bytes that come in are those of another protocol.
///
/// The connection's first handler asks it for every read; a request's handler diverts once the client is told so.
final class ConnectionUpgrade: Sendable {
    private enum State {
        case http
        case diverted(AsyncStream<ByteBuffer>.Continuation, waiting: Int)
        case ended
    }

    private let state: Lock<State>
    private let socket: Lock<(any Channel, NIOLoopBound<ByteGuard>)?> = Lock(nil)
    /// Bytes that may wait for the handler; a client that sends more than anybody reads is cut off.
    private static let limit = 1 << 20

    /// That of a connection which may leave HTTP.
    init() { state = Lock(.http) }

    private init(_ state: State) { self.state = Lock(state) }

    /// That of an HTTP/2 stream, which shares its connection with others.
    static let impossible = ConnectionUpgrade(.ended)

    /// The connection this is about, and its handler at the socket's side.
    func bind(_ channel: any Channel, _ guardian: NIOLoopBound<ByteGuard>) {
        socket.withLock { $0 = (channel, guardian) }
    }

    /// From now on gives what comes in; nil when the connection was diverted before.
    func divert() -> AsyncStream<ByteBuffer>? {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        return state.withLock { state in
            guard case .http = state else { return nil }
            state = .diverted(continuation, waiting: 0)
            return stream
        }
    }

    /// What the connection's handler does with bytes that came in.
    enum Verdict {
        /// They are HTTP.
        case pass
        case taken
        /// The client sends more than is read.
        case cut
    }

    /// Takes bytes if the connection is diverted.
    func take(_ bytes: ByteBuffer) -> Verdict {
        state.withLock { state in
            switch state {
            case .http: return .pass
            case .ended: return .taken
            case .diverted(let continuation, let waiting):
                let sum = waiting + bytes.readableBytes
                guard sum <= Self.limit else { return .cut }
                state = .diverted(continuation, waiting: sum)
                continuation.yield(bytes)
                return .taken
            }
        }
    }

    /// Notes that so many bytes were read.
    func consumed(_ count: Int) {
        state.withLock { state in
            if case .diverted(let continuation, let waiting) = state {
                state = .diverted(continuation, waiting: max(0, waiting - count))
            }
        }
    }

    /// Nothing more comes in: the client is gone, or the server stops.
    func end() {
        state.withLock { state in
            guard case .diverted(let continuation, _) = state else { return }
            continuation.finish()
            state = .ended
        }
    }

    /// Writes bytes past the HTTP encoder; returns when the socket has taken them.
    func write(_ bytes: ByteBuffer) async throws {
        guard let (channel, guardian) = socket.withLock({ $0 }) else { throw ChannelError.ioOnClosedChannel }
        try await channel.eventLoop.flatSubmit { () -> EventLoopFuture<Void> in
            guard let context = try? channel.pipeline.syncOperations.context(handler: guardian.value) else {
                return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
            }
            return context.writeAndFlush(NIOAny(bytes))
        }.get()
    }

    /// Closes the connection.
    func close() {
        end()
        socket.withLock { $0 }?.0.close(promise: nil)
    }
}
