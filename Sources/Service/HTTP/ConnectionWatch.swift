import NIOCore

/// The state of one connection as its two guards see it: the bytes at the socket's side and the HTTP messages.
///
/// Lives on the connection's event loop and is touched nowhere else.
final class ConnectionWatch {
    private let limits: ConnectionLimits
    private var requestsInFlight = 0
    private var keepAlive: [Bool] = []
    private var readingBody = false
    private var responseBegan = false
    private var sawFirstByte = false
    private var headerBegan: NIODeadline?
    private var idleSince: NIODeadline
    private var readPendingSince: NIODeadline?
    private var bodyBytes = 0
    /// How long the server waited for the body so far; the time in which it did not want to read is not the client's.
    private var bodyWait = TimeAmount.zero
    private var lingerSince: NIODeadline?
    private var lingered = 0
    private var buffered = 0
    private var bufferedSince: NIODeadline
    /// HTTP/2: requests are streams, which have watches of their own.
    private(set) var isMultiplexed = false

    init(limits: ConnectionLimits, now: NIODeadline = .now()) {
        self.limits = limits
        idleSince = now
        bufferedSince = now
    }

    // MARK: What happens

    func bytesRead(_ count: Int, now: NIODeadline = .now()) {
        sawFirstByte = true
        if isMultiplexed {
            idleSince = now
        } else if readingBody {
            bodyBytes += count
            if lingerSince != nil { lingered += count }
        } else if headerBegan == nil {
            headerBegan = now
        }
    }

    /// From now on the connection speaks HTTP/2.
    func multiplex() {
        isMultiplexed = true
        headerBegan = nil
    }

    func readRequested(now: NIODeadline = .now()) {
        if readPendingSince == nil { readPendingSince = now }
    }

    func readCompleted(now: NIODeadline = .now()) {
        if readingBody, let readPendingSince { bodyWait = bodyWait + (now - readPendingSince) }
        readPendingSince = nil
    }

    func requestHead(isKeepAlive: Bool) {
        headerBegan = nil
        readingBody = true
        bodyBytes = 0
        bodyWait = .zero
        requestsInFlight += 1
        keepAlive.append(isKeepAlive)
    }

    func requestEnd() {
        readingBody = false
        lingerSince = nil
        headerBegan = nil
    }

    /// An answer begins.
    func responseHead() { responseBegan = true }

    /// True when the response being written must be the connection's last.
    var closesAfterResponse: Bool { keepAlive.first == false }

    /// What to do once the response's end is written.
    func responseEnd(now: NIODeadline = .now()) -> AfterResponse {
        requestsInFlight -= 1
        responseBegan = false
        let stays = keepAlive.isEmpty ? true : keepAlive.removeFirst()
        idleSince = now
        if readingBody && lingerSince == nil { lingerSince = now }
        return stays || readingBody ? .stay : .close
    }

    enum AfterResponse {
        case stay
        case close
    }

    var isBusy: Bool { requestsInFlight > 0 }

    // MARK: What is too long

    enum Verdict: Equatable {
        case fine
        /// Close without a word.
        case close
        /// Answer 408 with the reason and close.
        case timeout(String)
    }

    /// - Parameter buffered: bytes that the socket has not taken yet.
    func verdict(buffered: Int, now: NIODeadline = .now()) -> Verdict {
        if buffered != self.buffered || buffered == 0 {
            // An answer that the client still takes is not idleness.
            if buffered > 0 || self.buffered > 0 { idleSince = now }
            self.buffered = buffered
            bufferedSince = now
        } else if now - bufferedSince >= TimeAmount(limits.writeStall) {
            return .close
        }
        // Whoever is there answers pings.
        if isMultiplexed { return now - idleSince >= TimeAmount(limits.idle) ? .close : .fine }
        if let lingerSince, now - lingerSince >= TimeAmount(limits.linger) || lingered > limits.lingerBytes {
            return .close
        }
        if let headerBegan, !isBusy, now - headerBegan >= TimeAmount(limits.header) {
            return .timeout("the request header took too long")
        }
        if readingBody, let readPendingSince {
            let waited = now - readPendingSince
            if waited >= TimeAmount(limits.bodyStall) {
                return bodyTooSlow("nothing came for \(limits.bodyStall)")
            }
            // A byte now and then must not hold a connection for ever.
            let earned = TimeAmount.seconds(Int64(bodyBytes / max(1, limits.bodyRate)))
            if bodyWait + waited >= TimeAmount(limits.bodyStall) + earned {
                return bodyTooSlow("less than \(limits.bodyRate) bytes a second")
            }
        }
        if !isBusy && !readingBody && headerBegan == nil {
            let limit = sawFirstByte ? limits.idle : limits.firstByte
            if now - idleSince >= TimeAmount(limit) { return .close }
        }
        return .fine
    }

    /// A body that is waited for by nobody else can still be answered; after an early answer, or with others before it in
    /// the line, only the close is left.
    private func bodyTooSlow(_ what: String) -> Verdict {
        requestsInFlight == 1 && !responseBegan ? .timeout("the request body came too slowly: \(what)") : .close
    }

    /// True at once when the client sends more after an early answer than is worth discarding.
    var lingersTooMuch: Bool { lingerSince != nil && lingered > limits.lingerBytes }

    /// When to look again.
    func nextLook() -> TimeAmount {
        // Idle connections are many and harmless: look seldom. The shortest limit decides for the others.
        if !isBusy && headerBegan == nil && !readingBody && sawFirstByte && buffered == 0 {
            return max(.milliseconds(50), TimeAmount(limits.idle) / 8)
        }
        let shortest = min(
            limits.header, limits.firstByte, limits.idle, limits.bodyStall, limits.writeStall, limits.linger)
        return max(.milliseconds(50), TimeAmount(shortest) / 4)
    }
}

extension TimeAmount {
    fileprivate static func / (amount: TimeAmount, divisor: Int64) -> TimeAmount {
        .nanoseconds(amount.nanoseconds / divisor)
    }
}
