import AsyncHTTPClient
import Delivery
import MartletCore
import NIOCore
import NIOHTTP1
import Peers
import Service
import Wire

/// Sends pushes to one URL, each once.
struct PushClient: Sendable {
    /// What became of an attempt.
    enum Outcome: Sendable {
        /// Taken, but for so many items that the server names.
        case taken(rejected: Int64, reason: String)
        /// Not now: 429 or 503, and how long to leave the server alone if it says so.
        case throttled(status: Int, after: Duration?, reason: String)
        /// Refused by another status.
        case refused(status: Int, reason: String)
        /// No answer.
        case failed(reason: String)
    }

    /// How long a push may take.
    private static let timeout = Duration.seconds(60)
    /// Bytes of an answer that are read.
    private static let answerBytes = 64 << 10

    private let url: String
    private let headers: HTTPHeaders
    private let client: ConfiguredClient

    init(_ peer: Peer, url: String, headers: [(name: String, value: String)]) {
        self.url = url
        client = peer.client
        var fields = HTTPHeaders()
        fields.add(name: "Content-Type", value: "application/x-protobuf")
        fields.add(name: "User-Agent", value: "Martlet/\(BuildVersion.number)")
        for (name, value) in headers + peer.headers { fields.replaceOrAdd(name: name, value: value) }
        self.headers = fields
    }

    /// Sends a body; the time runs until the whole answer is there.
    func send(_ body: [UInt8]) async -> (outcome: Outcome, time: Duration) {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = headers
        request.body = .bytes(ByteBuffer(bytes: body))
        let clock = ContinuousClock()
        let start = clock.now
        let outcome: Outcome
        do {
            outcome = try await exchange(request)
        } catch is TimedOut {
            outcome = .failed(reason: "no answer within \(Self.timeout.components.seconds) s")
        } catch {
            outcome = .failed(reason: ConnectionFailure.reason(error) ?? "\(error)")
        }
        return (outcome, clock.now - start)
    }

    private func exchange(_ request: HTTPClientRequest) async throws -> Outcome {
        try await withTimeLimit(Self.timeout) { [client] in
            let response = try await client.execute(request, deadline: .distantFuture)
            var bytes: [UInt8] = []
            for try await chunk in response.body {
                bytes.append(contentsOf: chunk.readableBytesView.prefix(Self.answerBytes - bytes.count))
            }
            let answer = Peer.Answer(status: Int(response.status.code), body: bytes)
            switch answer.status {
            case 200..<300: return Self.taken(answer)
            case 429, 503:
                let after = response.headers.first(name: "Retry-After").flatMap {
                    RetryAfter.parse($0, now: WallClock.milliseconds / 1000)
                }
                return .throttled(status: answer.status, after: after, reason: Self.reason(answer))
            default: return .refused(status: answer.status, reason: Self.reason(answer))
            }
        }
    }

    /// An OTLP receiver says in its answer what it has not taken; answers of the other protocols are empty, or no such message.
    private static func taken(_ answer: Peer.Answer) -> Outcome {
        guard !answer.body.isEmpty,
            let response = answer.body.withUnsafeBytes({ try? OTLP.ExportResponse(.traces, protobuf: $0) }),
            response.partialSuccess.rejected > 0
        else { return .taken(rejected: 0, reason: "") }
        return .taken(
            rejected: response.partialSuccess.rejected, reason: PlainText.line(response.partialSuccess.message))
    }

    private static func reason(_ answer: Peer.Answer) -> String {
        // OTLP's refusals are protobuf, which begins with a control character; the others' are text or JSON.
        if let first = answer.body.first, first < 0x20,
            let status = answer.body.withUnsafeBytes({ try? RPCStatus(protobuf: $0) })
        {
            return PlainText.line(status.message)
        }
        return String((answer.sentence ?? "").prefix(300))
    }
}
