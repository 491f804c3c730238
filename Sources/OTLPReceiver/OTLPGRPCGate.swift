import Compression
import MartletCore
import NIOCore
import NIOHPACK
import NIOHTTP2
import Service
import Wire

/// Stands before gRPC on every stream: lets a call in once its caller is known and its one message is there, within the
/// limits and paid for.
///
/// gRPC's transport collects and decompresses a message before anybody can ask who sends it or what memory is left. So the
/// caller is judged on the headers, bytes are taken from the budget as they arrive, decompression happens on the blocking
/// threads, and what is refused never reaches the transport: it gets its status at once, and the rest of its body is
/// cut off (RFC 9113, 8.1).
final class OTLPGRPCGate: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private enum Phase {
        /// No headers yet.
        case waiting
        case collecting
        /// The call is the transport's.
        case handedOn
        case refused
    }

    private let calls: [GRPCExport]
    private let exchange: OTLPExchange
    private let blocking: BlockingPool
    private let authenticator: Authenticator?
    private let account: RequestAccount
    private var context: ChannelHandlerContext?

    private var phase = Phase.waiting
    private var signal = OTLP.Signal.traces
    private var headers = HPACKHeaders()
    private var message = GRPCMessage()
    private var isAdmitted = false
    private var isComplete = false
    private var readIsDue = false
    private var progress: Scheduled<Void>?
    private var progressBytes = 0

    /// A body must make this many bytes in this time, so that one that trickles does not hold its memory for ever.
    private static let progressTime = TimeAmount.seconds(30)
    private static let progressLeast = 30 << 10

    init(
        calls: [GRPCExport], exchange: OTLPExchange, memory: MemoryBudget, blocking: BlockingPool,
        authenticator: Authenticator?
    ) {
        self.calls = calls
        self.exchange = exchange
        self.blocking = blocking
        self.authenticator = authenticator
        account = RequestAccount(memory)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        progress?.cancel()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (phase, unwrapInboundIn(data)) {
        case (.waiting, .headers(let frame)): begin(context, frame)
        case (.collecting, .data(let frame)): collect(context, frame)
        case (.collecting, .headers): refuse(context, .invalid("trailers are not expected"))
        case (.refused, .data), (.refused, .headers): break
        default: context.fireChannelRead(data)
        }
    }

    /// While nobody knows who is calling, nothing more is read: the client stops at the end of its window.
    func read(context: ChannelHandlerContext) {
        if phase == .collecting, !isAdmitted { readIsDue = true } else { context.read() }
    }

    // MARK: The caller

    private func begin(_ context: ChannelHandlerContext, _ frame: HTTP2Frame.FramePayload.Headers) {
        headers = frame.headers
        guard headers.first(name: "content-type")?.hasPrefix("application/grpc") == true,
            headers.first(name: ":method") == "POST"
        else {
            // Not gRPC: the transport knows what to say, and gets no more to read.
            phase = .refused
            context.fireChannelRead(wrapInboundOut(.headers(frame)))
            return
        }
        let path = headers.first(name: ":path") ?? ""
        guard let call = calls.first(where: { path == $0.path }) else {
            return refuse(context, .unimplemented("\(path.prefix(200)) is not served here"), isCounted: false)
        }
        signal = call.signal
        phase = .collecting
        watchProgress(context)
        admit(context)
        if phase == .collecting, frame.endStream { complete(context) }
    }

    private func admit(_ context: ChannelHandlerContext) {
        guard let authenticator, authenticator.isRequired else {
            isAdmitted = true
            return
        }
        let authorization = headers.first(name: "authorization")
        let verdict = context.eventLoop.makeFutureWithTask { [exchange] in
            _ = try await exchange.writer(authorization, authenticator)
        }
        verdict.assumeIsolated().whenComplete { [self] result in
            guard let context = self.context, phase == .collecting else { return }
            switch result {
            case .success:
                isAdmitted = true
                if isComplete {
                    open(context)
                } else if readIsDue {
                    // The rest of the message may come within this call, and then opens the call itself.
                    readIsDue = false
                    context.read()
                }
            case .failure(let error):
                refuse(context, OTLPRefusal(error))
            }
        }
    }

    // MARK: The message

    private func collect(_ context: ChannelHandlerContext, _ frame: HTTP2Frame.FramePayload.Data) {
        guard case .byteBuffer(let bytes) = frame.data else { return }
        do {
            try message.append(bytes, limit: exchange.limits, account: account)
        } catch {
            return refuse(context, error)
        }
        progressBytes += bytes.readableBytes
        if frame.endStream { complete(context) }
    }

    private func complete(_ context: ChannelHandlerContext) {
        isComplete = true
        progress?.cancel()
        if isAdmitted { open(context) }
    }

    /// The whole message is there and the caller may call.
    private func open(_ context: ChannelHandlerContext) {
        do {
            let encoding = try message.encoding(headers.first(name: "grpc-encoding"))
            guard let encoding else { return handOn(context, message.whole) }
            decompress(context, try message.payload(), encoding)
        } catch {
            refuse(context, error)
        }
    }

    private func decompress(_ context: ChannelHandlerContext, _ payload: ByteBuffer, _ encoding: Gzip.Container) {
        let decoded = context.eventLoop.makeFutureWithTask { [blocking, account, exchange] in
            try await blocking.run {
                try GRPCMessage.decompress(payload, encoding, limit: exchange.limits, account: account)
            }
        }
        decoded.assumeIsolated().whenComplete { [self] result in
            guard let context = self.context, phase == .collecting else { return }
            switch result {
            case .success(let plain): handOn(context, plain)
            case .failure(let error): refuse(context, OTLPRefusal(error))
            }
        }
    }

    private func handOn(_ context: ChannelHandlerContext, _ plain: ByteBuffer) {
        // The call takes a copy of the message, which lives as long.
        guard account.tryReserve(plain.readableBytes) else { return refuse(context, GRPCMessage.exhausted(account)) }
        phase = .handedOn
        message = GRPCMessage()
        headers.remove(name: "grpc-encoding")
        context.fireChannelRead(wrapInboundOut(.headers(.init(headers: headers))))
        context.fireChannelRead(wrapInboundOut(.data(.init(data: .byteBuffer(plain), endStream: true))))
        context.fireChannelReadComplete()
        if readIsDue {
            readIsDue = false
            context.read()
        }
    }

    private func watchProgress(_ context: ChannelHandlerContext) {
        progressBytes = 0
        progress = context.eventLoop.assumeIsolated().scheduleTask(in: Self.progressTime) { [self] in
            guard let context = self.context, phase == .collecting, !isComplete else { return }
            if progressBytes < Self.progressLeast {
                refuse(context, .invalid("the request's body stalls"))
            } else {
                watchProgress(context)
            }
        }
    }

    // MARK: Refusing

    /// Sends the status and cuts off what may still come.
    private func refuse(_ context: ChannelHandlerContext, _ refusal: OTLPRefusal, isCounted: Bool = true) {
        phase = .refused
        progress?.cancel()
        message = GRPCMessage()
        let refusal = isCounted ? exchange.refusal(signal, refusal) : refusal
        let trailers = HTTP2Frame.FramePayload.Headers(
            headers: GRPCMessage.trailers(refusal.rpcStatus), endStream: true)
        context.write(wrapOutboundOut(.headers(trailers)), promise: nil)
        if !isComplete { context.write(wrapOutboundOut(.rstStream(.noError)), promise: nil) }
        context.flush()
    }
}
