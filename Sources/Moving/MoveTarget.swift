import Delivery
import MartletCore
import Peers
import Service
import Wire

/// Where lines and spans go. What is sent is sent until it is taken: the order is kept, and a server that is busy or down is
/// waited for.
struct MoveTarget: Sendable {
    /// What became of something that was sent.
    enum Outcome: Sendable {
        case taken
        /// Some, or all of it (nil), is refused for good.
        case refused(count: Int64?, reason: String)
    }

    private let destination: HTTPDestination
    private let patience: Patience
    private let url: String

    init(_ peer: Peer, path: String, format: HTTPDestination.Format, patience: Patience, blocking: BlockingPool) {
        url = peer.url
        self.patience = patience
        destination = HTTPDestination(
            url: peer.url + path, format: format, headers: peer.headers, timeout: .seconds(120),
            userAgent: "Martlet/\(BuildVersion.number)", client: peer.client, blocking: blocking)
    }

    /// Sends the body of a request, before compression.
    func send(_ body: [UInt8]) async throws -> Outcome {
        var patience = patience
        let payload = Payload(body: body, enqueuedAt: WallClock.milliseconds)
        while true {
            try Task.checkCancellation()
            switch await destination.send(payload) {
            case .delivered: return .taken
            case .partial(let rejected, let message): return .refused(count: rejected, reason: message)
            case .refused(let reason): return .refused(count: nil, reason: reason)
            case .denied(let reason): throw ToolError("\(url): \(reason)")
            case .retry(let reason, let after), .limited(_, let reason, let after):
                try await patience.wait("\(url): \(reason)", after: after)
            }
        }
    }
}
